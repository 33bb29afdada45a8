import { sql } from 'drizzle-orm';
import type { Database } from '../../db/client.ts';
import { withTenant } from '../../db/with-tenant.ts';
import { ok, type Result } from '../../errors/result.ts';
import { filterToSql } from './filter-to-sql.ts';
import type { ScimPage, ScimPageQuery } from './list-scim-users.ts';
import type { ScimConnection, ScimFault } from './scim-connection.ts';
import { GROUP_FILTERS, type ScimGroupRecord, scimGroupFields, toGroupRecord } from './scim-group-fields.ts';

/** A page of a connection's groups, by their ids; `hasMembers` with who is in them. */
export async function listScimGroups(
  db: Database,
  { tenantId, providerId }: ScimConnection,
  { filter, offset, limit, hasMembers }: ScimPageQuery & { readonly hasMembers: boolean },
): Promise<Result<ScimPage<ScimGroupRecord>, ScimFault>> {
  const condition = filterToSql(filter, GROUP_FILTERS);
  if (!condition.ok) return condition;
  const which = sql`from scim_groups where tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid
    and ${condition.value}`;
  const [counted, { rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ total: number }>(sql`select count(*)::int as total ${which}`),
    db.execute<{ fields: unknown }>(
      sql`select ${scimGroupFields(hasMembers)} as fields ${which} order by id limit ${limit} offset ${offset}`,
    ),
  ]);
  return ok({ total: counted.rows[0]?.total ?? 0, items: rows.map(({ fields }) => toGroupRecord(fields)) });
}

/** One of them; null when the connection has none of this id. */
export async function getScimGroup(
  db: Database,
  { tenantId, providerId }: ScimConnection,
  id: string,
  hasMembers: boolean,
): Promise<ScimGroupRecord | null> {
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ fields: unknown }>(sql`
      select ${scimGroupFields(hasMembers)} as fields from scim_groups where tenant_id = ${tenantId}::uuid
        and identity_provider_id = ${providerId}::uuid and id = ${id}::uuid`),
  ]);
  return rows[0] ? toGroupRecord(rows[0].fields) : null;
}
