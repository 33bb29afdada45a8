import { sql } from 'drizzle-orm';
import type { IdentityProviderFields } from '../contracts/http/identity-providers.ts';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { IDENTITY_PROVIDERS, toIdentityProvider } from './identity-provider-fields.ts';
import { listConfiguration } from './list-configuration.ts';

/** A page of a tenant's own identity providers, oldest first. */
export async function listIdentityProviders(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<IdentityProviderFields>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: IDENTITY_PROVIDERS });
  return { data: data.map(toIdentityProvider), nextCursor };
}

/** One of them; null when the tenant has none of this id. */
export async function getIdentityProvider(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<IdentityProviderFields | null> {
  const { db, tenantId, id } = input;
  const page = { limit: 1 };
  const found = await listConfiguration({ db, tenantId, kind: IDENTITY_PROVIDERS, page, condition: sql`id = ${id}` });
  return found.data[0] === undefined ? null : toIdentityProvider(found.data[0]);
}
