import { sql } from 'drizzle-orm';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import { type OwnTenant, ownTenant } from '../contracts/http/tenants.ts';
import type { Database } from '../db/client.ts';
import { withUser } from '../db/with-user.ts';
import { tenantFields } from './tenant-fields.ts';

/** A page of the tenants that a person is a member of, by their ids. Those that are erased are gone. */
export async function listOwnTenants(input: {
  readonly db: Database;
  readonly userId: string;
  readonly page: PageQuery;
}): Promise<Page<OwnTenant>> {
  const { db, userId, page } = input;
  const behind = page.cursor === undefined ? sql`true` : sql`id > ${page.cursor}::uuid`;
  const [{ rows }] = await withUser(db, userId, (db) => [
    db.execute<{ id: string; fields: unknown }>(sql`
      select id, ${tenantFields} || jsonb_build_object('roles', (
        select jsonb_agg(roles.name order by roles.name) from user_roles join roles on roles.id = user_roles.role_id
        where user_roles.tenant_id = tenants.id and user_roles.user_id = ${userId}::uuid)) as fields
      from tenants
      where status <> 'erased' and ${behind} and exists (
        select from user_roles where user_roles.tenant_id = tenants.id and user_roles.user_id = ${userId}::uuid)
      order by id limit ${page.limit + 1}`),
  ]);
  const data = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? data.at(-1) : undefined;
  return { data: data.map(({ fields }) => ownTenant.parse(fields)), nextCursor: last?.id ?? null };
}
