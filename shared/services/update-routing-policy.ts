import { sql } from 'drizzle-orm';
import type { RoutingPolicy, RoutingPolicyChange } from '../contracts/http/routing-policies.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, changeConfiguration, isRow } from './change-configuration.ts';
import { checkRoutingStrategy } from './check-routing-strategy.ts';
import {
  nextVersion,
  otherDefaultEnds,
  ROUTING_POLICIES,
  toRoutingPolicy,
  toRoutingPolicyRow,
} from './routing-policy-fields.ts';

/**
 * Changes fields of a routing policy, with an audit row. A strategy becomes the next version, a draft: what decides stays
 * as it is until it is published.
 */
export async function updateRoutingPolicy(
  by: ChangeContext,
  id: string,
  change: RoutingPolicyChange,
): Promise<Result<RoutingPolicy, ChangeRefusal>> {
  const { strategy, isDefault } = change;
  const errors = strategy ? checkRoutingStrategy(strategy, '/strategy') : [];
  if (errors.length > 0) return err({ reason: 'invalid', errors });
  const columns = Object.entries(toRoutingPolicyRow(change)).map(
    ([name, value]) => sql`${sql.identifier(name)} = ${value}`,
  );
  if (strategy) {
    columns.push(sql`draft = ${toJsonb(strategy)}::jsonb`, sql`latest_version = (select version from versioned)`);
  }
  const updated = await changeConfiguration(by, ROUTING_POLICIES, {
    ...{ verb: 'updated', id },
    also: sql`${otherDefaultEnds(by, id, isDefault)} ${strategy ? nextVersion(by, id, strategy) : sql``}`,
    statement: sql`
      update routing_policies set ${sql.join(columns, sql`, `)} where ${isRow(by, id)}
      returning id, ${ROUTING_POLICIES.fields} as fields`,
  });
  return updated.ok ? ok(toRoutingPolicy(updated.value)) : updated;
}
