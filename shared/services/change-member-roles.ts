import { type SQL, sql } from 'drizzle-orm';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext } from './change-configuration.ts';
import { recordChange } from './record-change.ts';
import {
  ALSO_BY_HAND,
  firstReason,
  type GrantRefusal,
  grantRefusals,
  hasNoOtherOwner,
  isAllowed,
  ownerRole,
  wantedRoles,
} from './role-grants.ts';

/** Why a member's roles stay as they are. */
export type MemberRefusal = GrantRefusal | 'not_found' | 'last_owner';

/** Who someone is in a tenant, and what they may do there. */
export interface Granter {
  readonly permissions: ReadonlySet<string>;
}

/**
 * Gives a member these roles by hand and no others, with an audit row; what groups of their identity provider give stays.
 * Who asks must have every right that the member gains or loses by it. It holds from the member's next request on.
 */
export async function changeMemberRoles(
  by: ChangeContext,
  { permissions }: Granter,
  userId: string,
  roleIds: readonly string[],
): Promise<Result<null, MemberRefusal>> {
  const { tenantId } = by;
  const change = await recordChange<MemberRefusal>(by, {
    ...{ action: 'member.updated', targetType: 'member' },
    steps: [
      ['wanted', wantedRoles(roleIds)],
      ['all_held', heldRoles(tenantId, userId)],
      ['held', sql`select role_id from all_held where source = 'hand'`],
      ['given', rolesOfGroups(tenantId, userId)],
      [
        'touched',
        sql`(select id as role_id from wanted except select role_id from held)
          union (select role_id from held except select id from wanted)`,
      ],
      ['lost', sql`select role_id from held except select id from wanted except select role_id from given`],
      [
        'refusal',
        firstReason([
          ['not_found', sql`not exists (select from all_held)`],
          ...grantRefusals(tenantId, roleIds, permissions),
          [
            'last_owner',
            sql`exists (select from lost where role_id in (${ownerRole})) and ${hasNoOtherOwner(tenantId, userId)}`,
          ],
        ]),
      ],
      [
        'removed',
        sql`delete from user_roles where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid
          and role_id in (select role_id from lost) and ${isAllowed}`,
      ],
      [
        'left_to_groups',
        sql`update user_roles set source = 'group' where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid
          and source = 'hand' and role_id not in (select id from wanted) and role_id in (select role_id from given)
          and ${isAllowed}`,
      ],
      [
        'added',
        sql`insert into user_roles (tenant_id, user_id, role_id)
          select ${tenantId}::uuid, ${userId}::uuid, role_id from touched
          where role_id in (select id from wanted) and ${isAllowed} ${ALSO_BY_HAND}`,
      ],
      [
        'changed',
        sql`select ${userId}::uuid as id, ${namesOf(sql`select role_id from held`)} as before,
          ${namesOf(sql`select id from wanted`)} as after
          where exists (select from touched) and ${isAllowed}`,
      ],
    ],
  });
  return change.reason === null ? ok(null) : err(change.reason);
}

/**
 * Takes all of a member's roles, with an audit row, and takes them out of the groups that their identity provider has put
 * them in, until it does so again. Anyone may leave; who removes someone else must have every right that the other has. It
 * holds from the member's next request on. No domain of the tenant's brings them back.
 */
export async function removeMember(
  by: ChangeContext,
  { permissions }: Granter,
  userId: string,
): Promise<Result<null, MemberRefusal>> {
  const { tenantId, actor } = by;
  const isLeaving = actor.kind === 'user' && actor.userId === userId;
  const change = await recordChange<MemberRefusal>(by, {
    ...{ action: 'member.removed', targetType: 'member' },
    steps: [
      ['wanted', wantedRoles([])],
      ['held', heldRoles(tenantId, userId)],
      ['touched', isLeaving ? sql`select role_id from held where false` : sql`select role_id from held`],
      [
        'refusal',
        firstReason([
          ['not_found', sql`not exists (select from held)`],
          ...grantRefusals(tenantId, [], permissions),
          [
            'last_owner',
            sql`exists (select from held where role_id in (${ownerRole}))
            and ${hasNoOtherOwner(tenantId, userId)}`,
          ],
        ]),
      ],
      [
        'removed',
        sql`delete from user_roles where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid and ${isAllowed}`,
      ],
      [
        'taken_out',
        sql`delete from scim_group_members where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid
          and ${isAllowed}`,
      ],
      [
        'remembered',
        sql`insert into former_members (tenant_id, user_id)
          select ${tenantId}::uuid, ${userId}::uuid where ${isAllowed} on conflict do nothing`,
      ],
      [
        'changed',
        sql`select ${userId}::uuid as id, ${namesOf(sql`select role_id from held`)} as before, null::jsonb as after
          where ${isAllowed}`,
      ],
    ],
  });
  return change.reason === null ? ok(null) : err(change.reason);
}

/** Takes who asks out of a tenant, likewise: nobody needs a right to leave. */
export function leaveTenant(
  by: ChangeContext & { readonly actor: { readonly kind: 'user'; readonly userId: string } },
): Promise<Result<null, MemberRefusal>> {
  return removeMember(by, { permissions: new Set() }, by.actor.userId);
}

function heldRoles(tenantId: string, userId: string): SQL {
  return sql`select role_id, source from user_roles where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid`;
}

function rolesOfGroups(tenantId: string, userId: string): SQL {
  return sql`select groups.role_id from scim_group_members as members
    join scim_groups as groups on groups.tenant_id = members.tenant_id and groups.id = members.group_id
    where members.tenant_id = ${tenantId}::uuid and members.user_id = ${userId}::uuid and groups.role_id is not null`;
}

/** Roles as the audit log tells of them. */
function namesOf(ids: SQL): SQL {
  return sql`(select jsonb_build_object('roles', coalesce(jsonb_agg(roles.name order by roles.name), '[]'))
    from roles where roles.id in (${ids}))`;
}
