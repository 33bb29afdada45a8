import { type SQL, sql } from 'drizzle-orm';
import { OWNER_ROLE, PLAN_ROLES } from '../auth/role-templates.ts';
import { toJsonb } from '../db/to-jsonb.ts';

/** Why roles are not given or taken. */
export type GrantRefusal = 'unknown_roles' | 'beyond_rights' | 'not_offered';

/** Ids as an array of Postgres. */
export function uuids(ids: readonly string[]): SQL {
  return sql`${sql.param(ids)}::uuid[]`;
}

/** Of the roles asked for, those that the tenant may give. */
export function wantedRoles(roleIds: readonly string[]): SQL {
  return sql`select id, tenant_id, name from roles where id = any(${uuids(roleIds)})`;
}

/**
 * Why roles must not be given or taken, an SQL condition per reason: it wants `wanted` (see `wantedRoles`), and `touched`
 * with the ids of roles that someone is to gain or lose. Who gives or takes a right must have it.
 */
export function grantRefusals(
  tenantId: string,
  roleIds: readonly string[],
  permissions: ReadonlySet<string>,
): readonly (readonly [GrantRefusal, SQL])[] {
  return [
    ['unknown_roles', sql`(select count(*) from wanted) < ${roleIds.length}::int`],
    ['beyond_rights', isBeyondRights(permissions)],
    [
      'not_offered',
      sql`exists (select from wanted where id in (select role_id from touched) and not ${isOffered(tenantId, sql`wanted`)})`,
    ],
  ];
}

/** That some role of `touched` permits what is not among these. */
export function isBeyondRights(permissions: ReadonlySet<string>): SQL {
  return sql`exists (
    select from role_permissions join permissions on permissions.id = role_permissions.permission_id
    where role_permissions.role_id in (select role_id from touched)
      and permissions.name <> all(${sql.param([...permissions])}::text[]))`;
}

/** That the tenant's plan lets a role be given: `role` is a row of `roles`. Roles of the tenant's own are in every plan. */
export function isOffered(tenantId: string, role: SQL): SQL {
  return sql`(${role}.tenant_id is not null or coalesce(jsonb_exists(${toJsonb(PLAN_ROLES)}::jsonb ->
    (select plan from tenants where tenants.id = ${tenantId}::uuid), ${role}.name), true))`;
}

/** The built-in role that a tenant always has someone with. */
export const ownerRole = sql`select id from roles where tenant_id is null and name = ${OWNER_ROLE}`;

/**
 * Those who can act as the tenant's owner, as `user_id`: not who is disabled, nor who came by an identity provider of the
 * tenant's own that is gone or not in use, since they cannot sign in.
 */
export function actingOwners(tenantId: string): SQL {
  return sql`
    select user_roles.user_id from user_roles join users on users.id = user_roles.user_id and users.status = 'active'
    where user_roles.tenant_id = ${tenantId}::uuid and user_roles.role_id in (${ownerRole})
      and (users.home_tenant_id is null or exists (
        select from identity_providers as own where own.tenant_id = users.home_tenant_id and own.enabled and (
          exists (select from identities where identities.user_id = users.id and identities.issuer = own.issuer)
          or exists (select from scim_users where scim_users.id = users.id and scim_users.identity_provider_id = own.id))))`;
}

/** That nobody else can act as the tenant's owner. */
export function hasNoOtherOwner(tenantId: string, userId: string): SQL {
  return sql`not exists (select from (${actingOwners(tenantId)}) as owners where user_id <> ${userId}::uuid)`;
}

/** The first reason that holds, as one row; null when none does. */
export function firstReason(reasons: readonly (readonly [string, SQL])[]): SQL {
  const cases = reasons.map(([reason, condition]) => sql`when ${condition} then ${reason}::text`);
  return sql`select case ${sql.join(cases, sql` `)} end as reason`;
}

/** How an insert into `user_roles` goes on where a group gives the role already: from now on it is also given by hand. */
export const ALSO_BY_HAND = sql`on conflict (tenant_id, user_id, role_id) do update set source = 'hand'`;

/** That the change is to be made. */
export const isAllowed = sql`(select reason from refusal) is null`;
