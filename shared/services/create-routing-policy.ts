import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { RoutingPolicy, RoutingPolicyInput } from '../contracts/http/routing-policies.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { err, ok, type Result } from '../errors/result.ts';
import {
  type ChangeContext,
  type ChangeRefusal,
  changeConfiguration,
  insertStatement,
} from './change-configuration.ts';
import { checkRoutingStrategy } from './check-routing-strategy.ts';
import { otherDefaultEnds, ROUTING_POLICIES, toRoutingPolicy, toRoutingPolicyRow } from './routing-policy-fields.ts';

/** Adds a routing policy, with its audit row; its first version decides at once. */
export async function createRoutingPolicy(
  by: ChangeContext,
  input: RoutingPolicyInput,
): Promise<Result<RoutingPolicy, ChangeRefusal>> {
  const { strategy } = input;
  const errors = checkRoutingStrategy(strategy, '/strategy');
  if (errors.length > 0) return err({ reason: 'invalid', errors });
  const id = uuidv7();
  const row = { ...toRoutingPolicyRow(input), id, strategy };
  const created = await changeConfiguration(by, ROUTING_POLICIES, {
    ...{ verb: 'created', id },
    also: sql`${otherDefaultEnds(by, id, input.isDefault)}
      versioned as (insert into routing_policy_versions (tenant_id, policy_id, version, strategy)
        values (${by.tenantId}, ${id}, 1, ${toJsonb(strategy)}::jsonb)),`,
    statement: insertStatement(by, ROUTING_POLICIES, row, sql`true`),
  });
  return created.ok ? ok(toRoutingPolicy(created.value)) : created;
}
