import { type SQL, sql } from 'drizzle-orm';
import { PLAN_NAMES, plansOffering } from '../auth/role-templates.ts';
import { type Role, role } from '../contracts/http/roles.ts';
import { isOffered } from './role-grants.ts';

const stored = role.omit({ offeredIn: true });

/** Roles as clients see them, over `roles`; `which` is a condition, and what may follow it. */
export function selectRoles(tenantId: string, which: SQL): SQL {
  return sql`
    select roles.id, jsonb_build_object('id', roles.id, 'name', roles.name, 'description', roles.description,
      'permissions', (select coalesce(jsonb_agg(permissions.name order by permissions.name), '[]')
        from role_permissions join permissions on permissions.id = role_permissions.permission_id
        where role_permissions.role_id = roles.id and role_permissions.tenant_id is not distinct from roles.tenant_id),
      'isBuiltIn', roles.tenant_id is null,
      'isOffered', ${isOffered(tenantId, sql`roles`)}) as fields
    from roles where ${which}`;
}

/** A role's fields as clients see them. */
export function toRole(fields: unknown): Role {
  const told = stored.parse(fields);
  return { ...told, offeredIn: told.isBuiltIn ? [...plansOffering(told.name)] : [...PLAN_NAMES] };
}
