import type { Environment } from '../contracts/http/environments.ts';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { ENVIRONMENTS, toEnvironment } from './environment-fields.ts';
import { listConfiguration } from './list-configuration.ts';

/** A page of a tenant's environments, oldest first. */
export async function listEnvironments(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<Environment>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: ENVIRONMENTS });
  return { data: data.map(toEnvironment), nextCursor };
}
