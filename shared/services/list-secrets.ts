import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Secret } from '../contracts/http/secrets.ts';
import type { Database } from '../db/client.ts';
import { listConfiguration } from './list-configuration.ts';
import { SECRETS, toSecret } from './secret-fields.ts';

/** A page of a tenant's secrets without their values, oldest first. */
export async function listSecrets(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<Secret>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: SECRETS });
  return { data: data.map(toSecret), nextCursor };
}
