import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';

const row = z.object({ status: z.enum(['active', 'suspended', 'deleting']), permissions: z.array(z.string()) });

/** What a person may do in a tenant, whatever the tenant's status. */
export type Membership = z.infer<typeof row>;

/** Null when the tenant has given the person no role, when they are disabled, and when there is no such tenant. */
export async function findMembership(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly userId: string;
}): Promise<Membership | null> {
  const { db, tenantId, userId } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute(sql`
      select tenants.status, (
        select coalesce(jsonb_agg(distinct permissions.name), '[]')
        from user_roles join role_permissions on role_permissions.role_id = user_roles.role_id
          join permissions on permissions.id = role_permissions.permission_id
        where user_roles.user_id = users.id and user_roles.tenant_id = tenants.id) as permissions
      from tenants join users on users.id = ${userId}::uuid and users.status = 'active'
      where tenants.id = ${tenantId}::uuid and tenants.status <> 'erased' and exists (
        select from user_roles where user_roles.user_id = users.id and user_roles.tenant_id = tenants.id)`),
  ]);
  return rows[0] ? row.parse(rows[0]) : null;
}
