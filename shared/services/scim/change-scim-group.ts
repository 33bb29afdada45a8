import { type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { err, ok, type Result } from '../../errors/result.ts';
import type { ChangeContext } from '../change-configuration.ts';
import { recordChange } from '../record-change.ts';
import { firstReason, isAllowed, uuids } from '../role-grants.ts';
import { aroundMembership, underMembership } from './group-roles.ts';
import type { GroupChange } from './read-group-patch.ts';
import type { ScimConnection, ScimRefusal } from './scim-connection.ts';
import { auditedGroup } from './scim-group-fields.ts';

type Step = readonly [name: string, query: SQL];
type Reason = Extract<ScimRefusal, string>;

/** A group of a connection. Null for `version` means any. */
export interface WhichGroup {
  readonly id: string;
  readonly version: number | null;
}

/** Makes a group, with an audit row, and answers its id. It gives no role until somebody says which. */
export async function createScimGroup(
  by: ChangeContext,
  connection: ScimConnection,
  { displayName, externalId, added }: Pick<GroupChange, 'added' | 'externalId'> & { readonly displayName: string },
): Promise<Result<string, ScimRefusal>> {
  const { tenantId, providerId } = connection;
  const id = uuidv7();
  const refused = await record(by, 'scim_group.created', [
    ['chosen', peopleOf(connection, added)],
    ['refusal', firstReason([...taken(connection, id, { displayName, externalId }), unknownMembers(added)])],
    [
      'inserted',
      sql`insert into scim_groups (id, tenant_id, identity_provider_id, display_name, external_id)
        select ${id}::uuid, ${tenantId}::uuid, ${providerId}::uuid, ${displayName}::text, ${externalId ?? null}::text
        where ${isAllowed} returning id, ${auditedGroup} as fields`,
    ],
    [
      'joined',
      sql`insert into scim_group_members (tenant_id, group_id, user_id)
        select ${tenantId}::uuid, inserted.id, chosen.id from inserted, chosen returning user_id`,
    ],
    ['changed', sql`select id, null::jsonb as before, fields || ${idsOf('added', 'joined')} as after from inserted`],
  ]);
  return refused === null ? ok(id) : err(refused);
}

/**
 * Changes a group and who is in it, with an audit row if that changes anything. Who comes in gets the group's role, who
 * leaves loses it unless they have it otherwise: see `aroundMembership`.
 */
export async function changeScimGroup(
  by: ChangeContext,
  connection: ScimConnection,
  { id, version }: WhichGroup,
  change: GroupChange,
): Promise<Result<null, ScimRefusal>> {
  const { tenantId } = connection;
  const { displayName, externalId, isWhole, added, removed } = change;
  const isExternalIdGiven = externalId !== undefined;
  const names = sql`coalesce(${displayName ?? null}::text, display_name),
    case when ${isExternalIdGiven}::boolean then ${externalId ?? null}::text else external_id end`;
  const leaves = isWhole ? sql`user_id <> all(${uuids(added)})` : sql`user_id = any(${uuids(removed)})`;
  const refused = await record(by, 'scim_group.updated', [
    ['held', heldGroup(connection, id)],
    ['chosen', peopleOf(connection, added)],
    ['refusal', firstReason([...missingOrStale(version), ...taken(connection, id, change), unknownMembers(added)])],
    [
      'left_group',
      sql`delete from scim_group_members where tenant_id = ${tenantId}::uuid and group_id = ${id}::uuid and ${leaves}
        and ${isAllowed} returning user_id`,
    ],
    [
      'joined',
      sql`insert into scim_group_members (tenant_id, group_id, user_id)
        select ${tenantId}::uuid, ${id}::uuid, id from chosen where ${isAllowed} on conflict do nothing returning user_id`,
    ],
    [
      'updated',
      sql`update scim_groups set (display_name, external_id) = row (${names}), version = version + 1, updated_at = now()
        where tenant_id = ${tenantId}::uuid and id in (select id from held) and ${isAllowed}
          and ((display_name, external_id) is distinct from (${names})
            or exists (select from joined) or exists (select from left_group))
        returning id, ${auditedGroup} as fields`,
    ],
    [
      'changed',
      sql`select id, (select fields from held) as before,
        fields || ${idsOf('added', 'joined')} || ${idsOf('removed', 'left_group')} as after from updated`,
    ],
  ]);
  return refused === null ? ok(null) : err(refused);
}

/** Removes a group, with an audit row; who was in it loses its role unless they have it otherwise. */
export async function deleteScimGroup(
  by: ChangeContext,
  connection: ScimConnection,
  { id, version }: WhichGroup,
): Promise<Result<null, ScimRefusal>> {
  const refused = await record(by, 'scim_group.deleted', [
    ['held', heldGroup(connection, id)],
    ['refusal', firstReason(missingOrStale(version))],
    [
      'deleted',
      sql`delete from scim_groups where tenant_id = ${connection.tenantId}::uuid and id in (select id from held)
        and ${isAllowed} returning id`,
    ],
    ['changed', sql`select deleted.id, held.fields as before, null::jsonb as after from deleted, held`],
  ]);
  return refused === null ? ok(null) : err(refused);
}

async function record(by: ChangeContext, action: string, steps: readonly Step[]): Promise<Reason | null> {
  const around = aroundMembership(by.tenantId);
  const change = { action, targetType: 'scim_group', steps, ...around };
  return (await underMembership(() => recordChange<Reason>(by, change))).reason;
}

function heldGroup({ tenantId, providerId }: ScimConnection, id: string): SQL {
  return sql`select id, version, ${auditedGroup} as fields from scim_groups
    where tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid and id = ${id}::uuid`;
}

/** Those of the connection's people who are named. */
function peopleOf({ tenantId, providerId }: ScimConnection, ids: readonly string[]): SQL {
  return sql`select id from scim_users where tenant_id = ${tenantId}::uuid
    and identity_provider_id = ${providerId}::uuid and id = any(${uuids(ids)})`;
}

function missingOrStale(version: number | null): (readonly [Reason, SQL])[] {
  return [
    ['not_found', sql`not exists (select from held)`],
    ['stale', sql`(select version from held) <> ${version}::int`],
  ];
}

function taken(
  { tenantId, providerId }: ScimConnection,
  id: string,
  { displayName, externalId }: Partial<GroupChange>,
): (readonly [Reason, SQL])[] {
  const others = sql`tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid and id <> ${id}::uuid`;
  return [
    [
      'name_taken',
      sql`exists (select from scim_groups where ${others} and lower(display_name) = lower(${displayName ?? null}::text))`,
    ],
    [
      'external_id_taken',
      sql`exists (select from scim_groups where ${others} and external_id = ${externalId ?? null}::text)`,
    ],
  ];
}

function unknownMembers(ids: readonly string[]): readonly [Reason, SQL] {
  return ['unknown_members', sql`(select count(*) from chosen) < ${ids.length}::int`];
}

/** Whom a step named, as the audit log tells of it. */
function idsOf(name: string, step: string): SQL {
  return sql`jsonb_build_object(${name}::text,
    (select coalesce(jsonb_agg(user_id order by user_id), '[]') from ${sql.identifier(step)}))`;
}
