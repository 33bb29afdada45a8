import { sql } from 'drizzle-orm';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Role } from '../contracts/http/roles.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { selectRoles, toRole } from './role-fields.ts';

/** A page of the roles that a tenant may give, by their ids. */
export async function listRoles(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<Role>> {
  const { db, tenantId, page } = input;
  const behind = page.cursor === undefined ? sql`true` : sql`roles.id > ${page.cursor}::uuid`;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ id: string; fields: unknown }>(
      selectRoles(tenantId, sql`${behind} order by roles.id limit ${page.limit + 1}`),
    ),
  ]);
  const data = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? data.at(-1) : undefined;
  return { data: data.map(({ fields }) => toRole(fields)), nextCursor: last?.id ?? null };
}

/** A role that the tenant may give, or null. */
export async function getRole(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<Role | null> {
  const { db, tenantId, id } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ fields: unknown }>(selectRoles(tenantId, sql`roles.id = ${id}::uuid`)),
  ]);
  return rows[0] ? toRole(rows[0].fields) : null;
}
