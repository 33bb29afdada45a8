import { type SQL, sql } from 'drizzle-orm';
import { PLAN_ROLES } from '../auth/role-templates.ts';
import { type Role, role } from '../contracts/http/roles.ts';
import { toJsonb } from '../db/to-jsonb.ts';

/** Roles as clients see them, over `roles`; `which` is a condition, and what may follow it. */
export function selectRoles(tenantId: string, which: SQL): SQL {
  return sql`
    select roles.id, jsonb_build_object('id', roles.id, 'name', roles.name, 'description', roles.description,
      'permissions', (select coalesce(jsonb_agg(permissions.name order by permissions.name), '[]')
        from role_permissions join permissions on permissions.id = role_permissions.permission_id
        where role_permissions.role_id = roles.id and role_permissions.tenant_id is not distinct from roles.tenant_id),
      'isBuiltIn', roles.tenant_id is null,
      'isOffered', roles.tenant_id is not null or coalesce(jsonb_exists(${toJsonb(PLAN_ROLES)}::jsonb ->
        (select plan from tenants where tenants.id = ${tenantId}::uuid), roles.name), true)) as fields
    from roles where ${which}`;
}

/** A role's fields as clients see them. */
export function toRole(fields: unknown): Role {
  return role.parse(fields);
}
