import { sql } from 'drizzle-orm';
import type { Member } from '../contracts/http/members.ts';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { selectMembers, toMember } from './member-fields.ts';

/** A page of a tenant's members, by their ids. */
export async function listMembers(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<Member>> {
  const { db, tenantId, page } = input;
  const behind = page.cursor === undefined ? sql`true` : sql`users.id > ${page.cursor}::uuid`;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ id: string; fields: unknown }>(
      selectMembers(tenantId, sql`${behind} order by users.id limit ${page.limit + 1}`),
    ),
  ]);
  const data = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? data.at(-1) : undefined;
  return { data: data.map(({ fields }) => toMember(fields)), nextCursor: last?.id ?? null };
}
