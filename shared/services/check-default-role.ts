import { sql } from 'drizzle-orm';
import { NOT_OFFERED } from '../auth/role-templates.ts';
import { withTenant } from '../db/with-tenant.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext, ChangeRefusal } from './change-configuration.ts';
import { isOffered } from './role-grants.ts';

/** Refuses a role that the tenant does not have, that its plan does not offer, or that permits more than who asks may do. */
export async function checkDefaultRole(
  { db, tenantId }: ChangeContext,
  roleId: string | null | undefined,
  permissions: ReadonlySet<string>,
): Promise<Result<null, ChangeRefusal>> {
  if (roleId === null || roleId === undefined) return ok(null);
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ permissions: string[]; isOffered: boolean }>(sql`
      select ${isOffered(tenantId, sql`roles`)} as "isOffered",
        coalesce(array_agg(permissions.name) filter (where permissions.name is not null), '{}') as permissions
      from roles
      left join role_permissions on role_permissions.role_id = roles.id
        and role_permissions.tenant_id is not distinct from roles.tenant_id
      left join permissions on permissions.id = role_permissions.permission_id
      where roles.id = ${roleId} group by roles.id, roles.tenant_id, roles.name`),
  ]);
  const [role] = rows;
  const pointer = '/defaultRoleId';
  if (!role) return err({ reason: 'invalid', errors: [{ pointer, detail: 'the tenant has no such role' }] });
  if (!role.isOffered) {
    return err({ reason: 'invalid', errors: [{ pointer, detail: `must not ${NOT_OFFERED}` }] });
  }
  const lacking = role.permissions.filter((permission) => !permissions.has(permission));
  if (lacking.length === 0) return ok(null);
  return err({ reason: 'denied', errors: [{ pointer, detail: `you do not have ${lacking.join(', ')}` }] });
}
