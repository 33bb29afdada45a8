import { sql } from 'drizzle-orm';
import type { Domain } from '../contracts/http/domains.ts';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { DOMAINS, toDomain } from './domain-fields.ts';
import { listConfiguration } from './list-configuration.ts';

/** A page of a tenant's domains, oldest first. */
export async function listDomains(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<Domain>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: DOMAINS });
  return { data: data.map(toDomain), nextCursor };
}

/** One of them; null when the tenant has none of this id. */
export async function getDomain(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<Domain | null> {
  const { id, ...rest } = input;
  const { data } = await listConfiguration({
    ...{ ...rest, kind: DOMAINS, page: { limit: 1 }, condition: sql`id = ${id}` },
  });
  return data[0] === undefined ? null : toDomain(data[0]);
}
