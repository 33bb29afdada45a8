import { sql } from 'drizzle-orm';
import type { Membership } from '../contracts/http/me.ts';
import type { Database } from '../db/client.ts';
import { withUser } from '../db/with-user.ts';

/** The tenants that a person belongs to, by name, with what their roles there permit. `onlyTenantId` leaves out others. */
export async function listMemberships(input: {
  readonly db: Database;
  readonly userId: string;
  readonly onlyTenantId: string | null;
}): Promise<Membership[]> {
  const { db, userId, onlyTenantId } = input;
  const [{ rows }] = await withUser(db, userId, (db) => [
    db.execute<Record<string, unknown> & Membership>(sql`
      select tenants.id as "tenantId", tenants.name, tenants.slug, tenants.region, tenants.plan, tenants.status,
        array_agg(distinct roles.name order by roles.name) as roles,
        coalesce(array_agg(distinct permissions.name order by permissions.name)
          filter (where permissions.name is not null), '{}') as permissions
      from user_roles
      join tenants on tenants.id = user_roles.tenant_id
      join roles on roles.id = user_roles.role_id and coalesce(roles.tenant_id, tenants.id) = tenants.id
      left join role_permissions on role_permissions.role_id = roles.id
        and role_permissions.tenant_id is not distinct from roles.tenant_id
      left join permissions on permissions.id = role_permissions.permission_id
      where user_roles.user_id = ${userId}
        and (${onlyTenantId}::uuid is null or tenants.id = ${onlyTenantId}::uuid)
      group by tenants.id order by tenants.name, tenants.id`),
  ]);
  return rows;
}
