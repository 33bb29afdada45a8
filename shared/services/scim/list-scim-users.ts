import { sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { withTenant } from '../../db/with-tenant.ts';
import { ok, type Result } from '../../errors/result.ts';
import { filterToSql } from './filter-to-sql.ts';
import type { ScimConnection, ScimFault } from './scim-connection.ts';
import { type ScimUserRecord, scimUserFields, toUserRecord, USER_FILTERS } from './scim-user-fields.ts';

/** Some resources of a list, and how many there are in all. */
export interface ScimPage<Item> {
  readonly total: number;
  readonly items: readonly Item[];
}

/** Which of them. */
export interface ScimPageQuery {
  readonly filter: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** A page of a connection's people, by their ids. */
export async function listScimUsers(
  db: Database,
  { tenantId, providerId }: ScimConnection,
  { filter, offset, limit }: ScimPageQuery,
): Promise<Result<ScimPage<ScimUserRecord>, ScimFault>> {
  const condition = filterToSql(filter, USER_FILTERS);
  if (!condition.ok) return condition;
  const which = sql`from scim_users where tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid
    and ${condition.value}`;
  const [counted, { rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ total: number }>(sql`select count(*)::int as total ${which}`),
    db.execute<{ fields: unknown }>(
      sql`select ${scimUserFields} as fields ${which} order by id limit ${limit} offset ${offset}`,
    ),
  ]);
  return ok({ total: counted.rows[0]?.total ?? 0, items: rows.map(({ fields }) => toUserRecord(fields)) });
}

/** One of them; null when the connection has none of this id. */
export async function getScimUser(
  db: Database,
  { tenantId, providerId }: ScimConnection,
  id: string,
): Promise<ScimUserRecord | null> {
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ fields: unknown }>(sql`
      select ${scimUserFields} as fields from scim_users where tenant_id = ${tenantId}::uuid
        and identity_provider_id = ${providerId}::uuid and id = ${id}::uuid`),
  ]);
  return rows[0] ? toUserRecord(rows[0].fields) : null;
}
