import { sql } from 'drizzle-orm';
import type { ProvisionedGroup } from '../../contracts/http/provisioned-groups.ts';
import { err, ok, type Result } from '../../errors/result.ts';
import type { ChangeContext } from '../change-configuration.ts';
import type { Granter } from '../change-member-roles.ts';
import { recordChange } from '../record-change.ts';
import { firstReason, type GrantRefusal, grantRefusals, isAllowed, wantedRoles } from '../role-grants.ts';
import { aroundMembership, type MembershipRefusal, underMembership } from './group-roles.ts';
import { getProvisionedGroup } from './list-provisioned-groups.ts';

/** Why a group goes on giving what it gives. */
export type GroupRoleRefusal = GrantRefusal | MembershipRefusal | 'not_found';

/**
 * Says which role the people of a group have by it, with an audit row if that changes anything. Who says so must have
 * every right of the role that they gain, and of the one that they lose.
 */
export async function mapScimGroup(
  by: ChangeContext,
  { permissions }: Granter,
  { id, providerId }: { readonly id: string; readonly providerId: string },
  roleId: string | null,
): Promise<Result<ProvisionedGroup, GroupRoleRefusal>> {
  const { tenantId } = by;
  const wanted = roleId === null ? [] : [roleId];
  const row = sql`tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid and id = ${id}::uuid`;
  const audited = sql`jsonb_build_object('displayName', display_name, 'roleId', role_id,
    'role', (select name from roles where roles.id = role_id))`;
  const change = await underMembership(() =>
    recordChange<GroupRoleRefusal>(by, {
      ...{ action: 'scim_group.mapped', targetType: 'scim_group', ...aroundMembership(tenantId) },
      steps: [
        ['held', sql`select role_id, ${audited} as fields from scim_groups where ${row}`],
        ['wanted', wantedRoles(wanted)],
        [
          'touched',
          sql`(select id as role_id from wanted except select role_id from held)
            union (select role_id from held where role_id is not null except select id from wanted)`,
        ],
        [
          'refusal',
          firstReason([
            ['not_found', sql`not exists (select from held)`],
            ...grantRefusals(tenantId, wanted, permissions),
          ]),
        ],
        [
          'updated',
          sql`update scim_groups set role_id = ${roleId}::uuid
            where ${row} and ${isAllowed} and role_id is distinct from ${roleId}::uuid returning id, ${audited} as fields`,
        ],
        ['changed', sql`select id, (select fields from held) as before, fields as after from updated`],
      ],
    }),
  );
  if (change.reason !== null) return err(change.reason);
  const group = await getProvisionedGroup({ db: by.db, tenantId, providerId, id });
  return group ? ok(group) : err('not_found');
}
