import { type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { ROLES } from '../auth/permissions.ts';
import type { Role, RoleChange, RoleInput } from '../contracts/http/roles.ts';
import { sqlState } from '../db/is-transient.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext } from './change-configuration.ts';
import type { Granter } from './change-member-roles.ts';
import { getRole } from './list-roles.ts';
import { type RecordedChange, recordChange } from './record-change.ts';
import { firstReason, isAllowed } from './role-grants.ts';

const UNIQUE_VIOLATION = '23505';

/** Why a role stays as it is. A built-in role, and another tenant's, is not found. */
export type RoleRefusal = 'not_found' | 'beyond_rights' | 'name_taken';

/** Adds a role of the tenant's own, with an audit row. It permits nothing that who makes it may not do. */
export async function createRole(
  by: ChangeContext,
  granter: Granter,
  { name, description, permissions }: RoleInput,
): Promise<Result<Role, RoleRefusal>> {
  const id = uuidv7();
  if (isBuiltInName(name)) return err('name_taken');
  const refused = await record(by, {
    ...{ action: 'role.created', targetType: 'role' },
    steps: [
      ['refusal', firstReason([['beyond_rights', isBeyond(granter, sql`${sql.param(permissions)}::text[]`)]])],
      [
        'inserted',
        sql`insert into roles (id, tenant_id, name, description)
          select ${id}::uuid, ${by.tenantId}::uuid, ${name}::text, ${description}::text where ${isAllowed} returning id`,
      ],
      ['granted', grantTo(by, id, permissions)],
      [
        'changed',
        sql`select id, null::jsonb as before, ${told({ name, description, permissions })} as after from inserted`,
      ],
    ],
  });
  return refused === null ? await read(by, id) : err(refused);
}

/**
 * Changes a role of the tenant's own, with an audit row. Who changes it must have every right that it gains or loses. It
 * holds for its members from their next request on.
 */
export async function updateRole(
  by: ChangeContext,
  granter: Granter,
  id: string,
  { name, description, permissions }: RoleChange,
): Promise<Result<Role, RoleRefusal>> {
  if (name !== undefined && isBuiltInName(name)) return err('name_taken');
  const given = sql`${sql.param(permissions ?? [])}::text[]`;
  const kept = sql`(select coalesce(array_agg(name), '{}') from held)::text[]`;
  const difference =
    permissions === undefined
      ? sql`'{}'::text[]`
      : sql`(select coalesce(array_agg(name), '{}') from (
          (select unnest(${given}) as name except select name from held)
          union (select name from held except select unnest(${given}))) as different)`;
  const after = permissions === undefined ? kept : given;
  const refused = await record(by, {
    ...{ action: 'role.updated', targetType: 'role' },
    steps: [
      ['own', ownRole(by, id)],
      ['held', heldRights(by, id)],
      [
        'refusal',
        firstReason([
          ['not_found', sql`not exists (select from own)`],
          ['beyond_rights', isBeyond(granter, difference)],
        ]),
      ],
      [
        'updated',
        sql`update roles set name = coalesce(${name ?? null}::text, name),
            description = coalesce(${description ?? null}::text, description)
          where tenant_id = ${by.tenantId}::uuid and id = ${id}::uuid and ${isAllowed} returning id, name, description`,
      ],
      [
        'withdrawn',
        sql`delete from role_permissions where tenant_id = ${by.tenantId}::uuid and role_id = ${id}::uuid and ${isAllowed}
          and permission_id not in (select permissions.id from permissions where permissions.name = any(${after}))`,
      ],
      ['granted', grantTo(by, id, permissions ?? [])],
      [
        'changed',
        sql`select updated.id,
          jsonb_build_object('name', own.name, 'description', own.description, 'permissions', to_jsonb(${kept})) as before,
          jsonb_build_object('name', updated.name, 'description', updated.description,
            'permissions', to_jsonb(${after})) as after
          from updated, own`,
      ],
    ],
  });
  return refused === null ? await read(by, id) : err(refused);
}

/**
 * Removes a role of the tenant's own, with an audit row; members who have it lose it, and with it all rights that no other
 * role gives them. Groups, identity providers and domains that gave it give none. Who removes it must have every right of it.
 */
export async function deleteRole(by: ChangeContext, granter: Granter, id: string): Promise<Result<null, RoleRefusal>> {
  const refused = await record(by, {
    ...{ action: 'role.deleted', targetType: 'role' },
    steps: [
      ['own', ownRole(by, id)],
      ['held', heldRights(by, id)],
      [
        'refusal',
        firstReason([
          ['not_found', sql`not exists (select from own)`],
          ['beyond_rights', isBeyond(granter, sql`(select coalesce(array_agg(name), '{}') from held)`)],
        ]),
      ],
      [
        'deleted',
        sql`delete from roles where tenant_id = ${by.tenantId}::uuid and id = ${id}::uuid and ${isAllowed} returning id`,
      ],
      [
        'unmapped',
        sql`update scim_groups set role_id = null
          where tenant_id = ${by.tenantId}::uuid and role_id = ${id}::uuid and ${isAllowed}`,
      ],
      ['providers', givesNone(sql`identity_providers`, by, id)],
      ['domains_of', givesNone(sql`domains`, by, id)],
      [
        'changed',
        sql`select deleted.id, jsonb_build_object('name', own.name, 'description', own.description,
            'permissions', (select coalesce(jsonb_agg(name order by name), '[]') from held)) as before, null::jsonb as after
          from deleted, own`,
      ],
    ],
  });
  return refused === null ? ok(null) : err(refused);
}

async function record(by: ChangeContext, change: RecordedChange): Promise<RoleRefusal | null> {
  try {
    return (await recordChange<RoleRefusal>(by, change)).reason;
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) return 'name_taken';
    throw error;
  }
}

async function read({ db, tenantId }: ChangeContext, id: string): Promise<Result<Role, RoleRefusal>> {
  const role = await getRole({ db, tenantId, id });
  return role ? ok(role) : err('not_found');
}

function isBuiltInName(name: string): boolean {
  return Object.hasOwn(ROLES, name.toLowerCase());
}

function ownRole({ tenantId }: ChangeContext, id: string): SQL {
  return sql`select id, name, description from roles where tenant_id = ${tenantId}::uuid and id = ${id}::uuid`;
}

function heldRights({ tenantId }: ChangeContext, id: string): SQL {
  return sql`select permissions.name from role_permissions
    join permissions on permissions.id = role_permissions.permission_id
    where role_permissions.tenant_id = ${tenantId}::uuid and role_permissions.role_id = ${id}::uuid
    order by permissions.name`;
}

/** That a table's rows which give a role to who is new give none. */
function givesNone(table: SQL, { tenantId }: ChangeContext, id: string): SQL {
  return sql`update ${table} set default_role_id = null
    where tenant_id = ${tenantId}::uuid and default_role_id = ${id}::uuid and ${isAllowed}`;
}

/** That some of the permissions, an array of texts, are not the granter's. */
function isBeyond({ permissions }: Granter, names: SQL): SQL {
  return sql`not ${names} <@ ${sql.param([...permissions])}::text[]`;
}

function grantTo({ tenantId }: ChangeContext, id: string, names: readonly string[]): SQL {
  return sql`insert into role_permissions (tenant_id, role_id, permission_id)
    select ${tenantId}::uuid, ${id}::uuid, permissions.id from permissions
    where permissions.name = any(${sql.param(names)}::text[]) and ${isAllowed} on conflict do nothing`;
}

function told({ name, description, permissions }: RoleInput): SQL {
  return sql`jsonb_build_object('name', ${name}::text, 'description', ${description}::text,
    'permissions', to_jsonb(${sql.param(permissions)}::text[]))`;
}
