import { type ConditionFacts, compileCondition } from '../../../shared/conditions/condition.ts';
import type { SnapshotRoutingPolicy } from '../../../shared/contracts/routing-policy.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { type CompiledPolicy, compilePolicy } from '../../../shared/domain/routing/compile-policy.ts';

const compiled = new WeakMap<TenantSnapshot, Map<SnapshotRoutingPolicy, CompiledPolicy<ConditionFacts>>>();

/** A policy as requests are decided by it: compiled once for each snapshot, and forgotten with it. */
export function compiledPolicy(
  policy: SnapshotRoutingPolicy,
  snapshot: TenantSnapshot,
): CompiledPolicy<ConditionFacts> {
  const known = compiled.get(snapshot) ?? new Map<SnapshotRoutingPolicy, CompiledPolicy<ConditionFacts>>();
  compiled.set(snapshot, known);
  const found = known.get(policy) ?? compilePolicy(policy, snapshot, compileCondition);
  known.set(policy, found);
  return found;
}
