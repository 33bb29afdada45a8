import { type SQL, sql } from 'drizzle-orm';
import { sqlState } from '../../db/is-transient.ts';
import { seatsTaken } from '../member-seats.ts';
import { actingOwners } from '../role-grants.ts';

/** Why a change of groups or people does not stay, by the SQLSTATE that ends its transaction. */
const REFUSED = { EU001: 'member_limit', EU002: 'last_owner' } as const;

export type MembershipRefusal = (typeof REFUSED)[keyof typeof REFUSED];

/**
 * What goes with every change of who is in which group, what groups give, and who may sign in. Before it, the members and
 * owners are counted. Behind it, members have exactly the roles that they were given by hand and those that their groups
 * give; where that makes more members than the plan lets in and more than before, or leaves a tenant without the owner
 * that it had, all of it is undone. To be run under the tenant's lock; see `recordChange`.
 */
export function aroundMembership(tenantId: string): {
  readonly before: readonly SQL[];
  readonly behind: readonly SQL[];
} {
  const given = sql`
    select members.user_id, groups.role_id from scim_group_members as members
    join scim_groups as groups on groups.tenant_id = members.tenant_id and groups.id = members.group_id
    where members.tenant_id = ${tenantId}::uuid and groups.role_id is not null`;
  return {
    before: [
      sql`select set_config('app.seats', ${seatsTaken(tenantId)}::text, true),
        set_config('app.owners', ${owners(tenantId)}::text, true)`,
    ],
    behind: [
      sql`delete from user_roles where tenant_id = ${tenantId}::uuid and source = 'group'
        and (user_id, role_id) not in (${given})`,
      sql`insert into user_roles (tenant_id, user_id, role_id, source)
        select distinct ${tenantId}::uuid, user_id, role_id, 'group' from (${given}) as given on conflict do nothing`,
      sql`select
        refuse_when(${seatsTaken(tenantId)} > current_setting('app.seats')::bigint and exists (
          select from tenants join plans on plans.name = tenants.plan
          where tenants.id = ${tenantId}::uuid and plans.member_limit < ${seatsTaken(tenantId)}), 'EU001'),
        refuse_when(current_setting('app.owners')::bigint > 0 and ${owners(tenantId)} = 0, 'EU002')`,
    ],
  };
}

/** Runs such a change; what it was undone for is data. */
export async function underMembership<T>(
  change: () => Promise<T>,
): Promise<T | { readonly reason: MembershipRefusal }> {
  try {
    return await change();
  } catch (error) {
    const state = sqlState(error);
    if (state === 'EU001' || state === 'EU002') return { reason: REFUSED[state] };
    throw error;
  }
}

/** How many people can act as the tenant's owner. */
function owners(tenantId: string): SQL {
  return sql`(select count(*) from (${actingOwners(tenantId)}) as owners)`;
}
