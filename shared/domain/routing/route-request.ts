import type { RoutingReason } from '../../contracts/http/routing-decision.ts';
import type { Candidate } from './candidate.ts';
import { CANDIDATE_FILTERS, type CandidateFilter, type RequestFacts, refusalOf } from './candidate-filters.ts';
import { type CompiledOutcome, type CompiledPolicy, type Entry, outcomeFor } from './compile-policy.ts';
import { type LeftCandidate, leftFor } from './left-candidate.ts';
import {
  inOrderOfWeights,
  orderCandidates,
  type Ranked,
  type Ranking,
  type RankingFacts,
  rankingOf,
} from './rank-candidates.ts';

/** Most candidates that one request is sent to, one after another. */
export const ATTEMPTS_MAX = 4;

/** Where a request goes: in what order, and why; and what was left, and why. */
export interface Route {
  readonly policy: { readonly id: string; readonly version: number } | null;
  readonly strategy: string;
  readonly rule: string | null;
  readonly taken: readonly Ranked[];
  readonly left: readonly LeftCandidate[];
  /** After how long without an answer of the first the second is called beside it; null: never. */
  readonly hedgeAfterMs: number | null;
  /** By what its policy has requests belong together; null: by nothing. */
  readonly stickyBy: string | null;
}

/** Whose circuit is open is not called while there is someone else. */
export interface CircuitFacts {
  mayCall(candidate: Candidate): boolean;
}

/** Everything that a route is decided by. */
export interface RouteInput<Facts> {
  /** What the request itself names. */
  readonly preferred: readonly Entry[];
  readonly policy: CompiledPolicy<Facts> | null;
  readonly facts: RequestFacts & RankingFacts & CircuitFacts;
  /** What the policy's conditions are asked of. */
  readonly conditionFacts: Facts;
  readonly filters?: readonly CandidateFilter[];
}

/**
 * Decides where a request goes: what it prefers, by weight, then what its policy says, in the policy's order, then the
 * policy's fallbacks; each once, and of these at most `ATTEMPTS_MAX` that no filter speaks against. Open circuits are left
 * alone, unless there is nothing else. Pure: the same input gives the same route.
 */
export function routeRequest<Facts>(input: RouteInput<Facts>): Route {
  const { preferred, policy, facts, conditionFacts, filters = CANDIDATE_FILTERS } = input;
  const chosen = policy && outcomeFor(policy, conditionFacts);
  const { outcome, rule } = chosen ?? NOWHERE;
  const left = outcome.missing.slice();
  const passed = keep(namedOnce(preferred, outcome), (candidate) => refusalOf(candidate, facts, filters), left);
  const open: LeftCandidate[] = [];
  const closed = keep(passed, (candidate) => (facts.mayCall(candidate) ? null : 'circuit_open'), open);
  const isAnyClosed = closed.preferred.length + closed.entries.length + closed.fallbacks.length > 0;
  if (isAnyClosed) for (const each of open) left.push(each);
  const { entries, ...others } = isAnyClosed ? closed : passed;
  const taken: Ranked[] = [];
  const take = ({ order, rankedAt }: Ranking) => {
    for (let position = 0; position < order.length; position++) {
      if (taken.length < ATTEMPTS_MAX) taken.push(rankedAt(position));
      else left.push(beyondAttempts(order[position] as Entry));
    }
  };
  if (others.preferred.length > 0) take(preferredRanking(others.preferred));
  take(orderCandidates(entries === outcome.entries ? outcome.byWeight : inOrderOfWeights(entries), outcome, facts));
  if (others.fallbacks.length > 0) take(rankingOf(others.fallbacks, 'fallback'));
  return {
    policy: policy && { id: policy.id, version: policy.version },
    strategy: preferred.length > 0 ? 'preferences' : chosen ? outcome.strategy : 'default',
    rule,
    taken,
    left,
    hedgeAfterMs: hedgeAfter(outcome, taken, facts),
    stickyBy: outcome.stickyBy ?? null,
  };
}

/** Null where it is not asked for, there is nobody else, or too little is known of how long the first takes. */
function hedgeAfter(
  { hedge }: CompiledOutcome,
  [first, second]: readonly Ranked[],
  facts: RankingFacts,
): number | null {
  if (!hedge || !first || !second) return null;
  if ('afterMs' in hedge) return hedge.afterMs;
  const { p50Ms, p95Ms } = facts.performanceOf(first.candidate);
  return hedge.afterQuantile === 0.5 ? p50Ms : p95Ms;
}

function beyondAttempts({ candidate, beyond }: Entry): LeftCandidate {
  return beyond ?? leftFor(candidate, 'beyond_attempts');
}

/** Where a request may go, by who says so. */
type Groups = Record<'preferred' | 'entries' | 'fallbacks', readonly Entry[]>;

/** Of a request without a policy. */
const NOWHERE: { readonly outcome: CompiledOutcome; readonly rule: null } = {
  outcome: { strategy: 'priority', entries: [], byWeight: [], fallbacks: [], missing: [] },
  rule: null,
};

/** Each candidate once: where it is named first. A policy names each once by itself. */
function namedOnce(preferred: readonly Entry[], { entries, fallbacks }: CompiledOutcome): Groups {
  if (preferred.length === 0) return { preferred, entries, fallbacks };
  const seen = new Set<string>();
  const own = preferred.filter(({ candidate }) => seen.size < seen.add(candidate.name).size);
  const isNew = ({ candidate }: Entry) => !seen.has(candidate.name);
  return { preferred: own, entries: entries.filter(isNew), fallbacks: fallbacks.filter(isNew) };
}

/** What is left of all when those are put aside, onto `left`, that something speaks against. */
function keep(
  { preferred, entries, fallbacks }: Groups,
  reasonAgainst: (candidate: Candidate) => RoutingReason | null,
  left: LeftCandidate[],
): Groups {
  return {
    preferred: keepOf(preferred, reasonAgainst, left),
    entries: keepOf(entries, reasonAgainst, left),
    fallbacks: keepOf(fallbacks, reasonAgainst, left),
  };
}

/** The same list where nothing speaks against anyone of it. */
function keepOf(
  entries: readonly Entry[],
  reasonAgainst: (candidate: Candidate) => RoutingReason | null,
  left: LeftCandidate[],
): readonly Entry[] {
  let kept: Entry[] | null = null;
  for (let position = 0; position < entries.length; position++) {
    const entry = entries[position] as Entry;
    const reason = reasonAgainst(entry.candidate);
    if (reason === null) kept?.push(entry);
    else {
      kept ??= entries.slice(0, position);
      left.push(leftFor(entry.candidate, reason));
    }
  }
  return kept ?? entries;
}

function preferredRanking(entries: readonly Entry[]): Ranking {
  return rankingOf(inOrderOfWeights(entries), 'preferred', ({ weight }) => `weight ${weight}`);
}

/** The route up to the candidate at `position`: a limit has no room for those behind it. */
export function withoutOthers(route: Route, position: number): Route {
  const left = route.taken.slice(position + 1).map(({ candidate }) => leftFor(candidate, 'over_limit'));
  return { ...route, taken: route.taken.slice(0, position + 1), left: [...left, ...route.left] };
}
