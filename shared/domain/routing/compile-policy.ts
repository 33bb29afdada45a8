import type {
  PolicyCandidate,
  PolicyOutcome,
  PolicyRule,
  SnapshotRoutingPolicy,
} from '../../contracts/routing-policy.ts';
import type { TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { type Candidate, resolveCandidate } from './candidate.ts';
import { type LeftCandidate, leftFor, missingFor } from './left-candidate.ts';
import { inOrderOfWeights } from './rank-candidates.ts';

/** A candidate of a policy, and how much it is preferred. */
export interface Entry {
  readonly candidate: Candidate;
  readonly weight: number;
  /** What is told of it where enough others come before it; made once, since that is most of a long list. */
  readonly beyond?: LeftCandidate;
}

/** Where a request may go, as far as the tenant can call it. */
export interface CompiledOutcome extends Pick<PolicyOutcome, 'strategy' | 'sla' | 'stickyBy' | 'hedge'> {
  /** Each candidate once, in the policy's order; those that the fallbacks repeat are not among them. */
  readonly entries: readonly Entry[];
  readonly fallbacks: readonly Entry[];
  /** The same entries, the heaviest first. */
  readonly byWeight: readonly Entry[];
  /** What was named and is not there. */
  readonly missing: readonly LeftCandidate[];
}

interface CompiledRule<Facts> {
  /** JSON pointer within the policy. */
  readonly path: string;
  readonly fits: (facts: Facts) => boolean;
  readonly rules: readonly CompiledRule<Facts>[];
  readonly use: CompiledOutcome | null;
}

/** A policy whose names are looked up and whose conditions are read: to be made once for a configuration. */
export interface CompiledPolicy<Facts> {
  readonly id: string;
  readonly version: number;
  readonly rules: readonly CompiledRule<Facts>[];
  readonly otherwise: CompiledOutcome;
}

/** `readCondition` turns a condition's text into what can be asked of a request's facts. */
export function compilePolicy<Facts>(
  policy: SnapshotRoutingPolicy,
  snapshot: TenantSnapshot,
  readCondition: (text: string) => (facts: Facts) => boolean,
): CompiledPolicy<Facts> {
  const compileRules = (rules: readonly PolicyRule[], path: string): CompiledRule<Facts>[] =>
    rules.map((rule, index) => ({
      path: `${path}/rules/${index}`,
      fits: readCondition(rule.when),
      rules: compileRules(rule.rules ?? [], `${path}/rules/${index}`),
      use: rule.use ? compileOutcome(rule.use, snapshot) : null,
    }));
  return {
    id: policy.id,
    version: policy.version,
    rules: compileRules(policy.rules ?? [], ''),
    otherwise: compileOutcome(policy, snapshot),
  };
}

/** The outcome of the first rule that fits, depth first, and that rule; else what the policy itself says. */
export function outcomeFor<Facts>(
  { rules, otherwise }: CompiledPolicy<Facts>,
  facts: Facts,
): { readonly outcome: CompiledOutcome; readonly rule: string | null } {
  const fitting = fittingRule(rules, facts);
  return fitting?.use ? { outcome: fitting.use, rule: fitting.path } : { outcome: otherwise, rule: null };
}

function fittingRule<Facts>(rules: readonly CompiledRule<Facts>[], facts: Facts): CompiledRule<Facts> | null {
  for (const rule of rules) {
    if (!rule.fits(facts)) continue;
    const fitting = rule.use ? rule : fittingRule(rule.rules, facts);
    if (fitting) return fitting;
  }
  return null;
}

function compileOutcome(outcome: PolicyOutcome, snapshot: TenantSnapshot): CompiledOutcome {
  const missing: LeftCandidate[] = [];
  const resolve = (wanted: PolicyCandidate): Entry[] => {
    const resolved = resolveCandidate(snapshot, wanted);
    if (resolved.ok) {
      const beyond = leftFor(resolved.value, 'beyond_attempts');
      return [{ candidate: resolved.value, weight: wanted.weight, beyond }];
    }
    missing.push(missingFor(wanted, resolved.error));
    return [];
  };
  const { strategy, sla, stickyBy, hedge, candidates, fallbacks = [] } = outcome;
  const seen = new Set<string>();
  const isNew = ({ candidate }: Entry) => seen.size < seen.add(candidate.name).size;
  const entries = candidates.flatMap(resolve).filter(isNew);
  return {
    strategy,
    ...(sla && { sla }),
    ...(stickyBy !== undefined && { stickyBy }),
    ...(hedge && { hedge }),
    entries,
    byWeight: inOrderOfWeights(entries),
    fallbacks: fallbacks.flatMap(resolve).filter(isNew),
    missing,
  };
}
