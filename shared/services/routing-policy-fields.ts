import { sql } from 'drizzle-orm';
import { type RoutingPolicy, type RoutingPolicyChange, routingPolicy } from '../contracts/http/routing-policies.ts';
import { routingPolicies } from '../db/schema/configuration.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { type ChangeContext, type ConfigurationTable, isRow, type Row } from './change-configuration.ts';
import { createdAtText, givenColumns } from './configuration-columns.ts';

export const ROUTING_POLICIES: ConfigurationTable = {
  table: routingPolicies,
  target: 'routing_policy',
  fields: sql`jsonb_build_object('id', id, 'name', name, 'enabled', enabled, 'isDefault', is_default,
    'version', published_version, 'previousVersion', previous_version, 'latestVersion', latest_version,
    'strategy', strategy, 'draft', draft, 'createdAt', ${createdAtText})`,
};

/** A row's fields as clients see them. */
export function toRoutingPolicy(fields: unknown): RoutingPolicy {
  return routingPolicy.parse(fields);
}

/** The columns of what a client sent; a strategy is a version of its own. */
export function toRoutingPolicyRow({ name, enabled, isDefault }: RoutingPolicyChange): Row {
  return givenColumns({ name, enabled, is_default: isDefault });
}

/** Common table expression: a policy that becomes the default takes the place of the one before. */
export function otherDefaultEnds({ tenantId }: ChangeContext, id: string, isDefault: boolean | undefined) {
  return sql`
    other_default as (update routing_policies set is_default = false
      where ${isDefault === true} and is_default and tenant_id = ${tenantId} and id <> ${id}),`;
}

/** Common table expression `versioned (version)`: a policy's next version, if it is there. */
export function nextVersion(by: ChangeContext, id: string, strategy: unknown) {
  return sql`
    versioned as (insert into routing_policy_versions (tenant_id, policy_id, version, strategy)
      select tenant_id, id, latest_version + 1, ${toJsonb(strategy)}::jsonb from routing_policies where ${isRow(by, id)}
      returning version),`;
}
