import type { RoutingReason } from '../../contracts/http/routing-decision.ts';
import type { ProviderName } from '../../contracts/names.ts';
import { type Candidate, nameOf } from './candidate.ts';
import { CANDIDATE_FILTERS, type CandidateFilter, type RequestFacts, refusalOf } from './candidate-filters.ts';
import { type CompiledPolicy, type Entry, outcomeFor } from './compile-policy.ts';
import type { ProviderEndpoint } from './endpoint-of.ts';
import { type Ranked, type RankingFacts, rankCandidates } from './rank-candidates.ts';
import { endpointText } from './residency.ts';

/** Most candidates that one request is sent to, one after another. */
export const ATTEMPTS_MAX = 4;

/** A candidate that is not to be called. */
export interface LeftCandidate {
  readonly provider: ProviderName;
  readonly model: string;
  readonly account: string | null;
  readonly reason: RoutingReason;
  readonly detail?: string;
  /** Absent where there is no account to call. */
  readonly endpoint?: Pick<ProviderEndpoint, 'region' | 'guarantee'>;
}

/** Where a request goes: in what order, and why; and what was left, and why. */
export interface Route {
  readonly policy: { readonly id: string; readonly version: number } | null;
  readonly strategy: string;
  readonly rule: string | null;
  readonly taken: readonly Ranked[];
  readonly left: readonly LeftCandidate[];
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
  const left: LeftCandidate[] = (chosen?.outcome.missing ?? []).map(({ wanted, reason }) => ({
    ...{ provider: wanted.provider, model: wanted.model, account: wanted.account ?? null, reason },
  }));
  const seen = new Set<string>();
  const pass = (entries: readonly Entry[] = []): Entry[] =>
    entries.filter(({ candidate }) => {
      const name = nameOf(candidate);
      if (seen.has(name)) return false;
      seen.add(name);
      const reason = refusalOf(candidate, facts, filters);
      if (reason) left.push(toLeft(candidate, reason));
      return reason === null;
    });
  const passed = {
    preferred: pass(preferred),
    entries: pass(chosen?.outcome.entries),
    fallbacks: pass(chosen?.outcome.fallbacks),
  };
  const isOpen = ({ candidate }: Entry) => !facts.mayCall(candidate);
  const everyone = [...passed.preferred, ...passed.entries, ...passed.fallbacks];
  const open = everyone.every(isOpen) ? [] : everyone.filter(isOpen);
  for (const { candidate } of open) left.push(toLeft(candidate, 'circuit_open'));
  const closed = (entries: readonly Entry[]) =>
    open.length === 0 ? entries : entries.filter((entry) => !open.includes(entry));
  const ranked: Ranked[] = [
    ...rankPreferred(closed(passed.preferred), facts),
    ...(chosen ? rankCandidates(closed(passed.entries), chosen.outcome, facts) : []),
    ...closed(passed.fallbacks).map((entry) => ({ ...entry, reason: 'fallback' as const })),
  ];
  for (const { candidate } of ranked.slice(ATTEMPTS_MAX)) left.push(toLeft(candidate, 'beyond_attempts'));
  return {
    policy: policy && { id: policy.id, version: policy.version },
    strategy: preferred.length > 0 ? 'preferences' : (chosen?.outcome.strategy ?? 'default'),
    rule: chosen?.rule ?? null,
    taken: ranked.slice(0, ATTEMPTS_MAX),
    left,
  };
}

function rankPreferred(entries: readonly Entry[], facts: RankingFacts): Ranked[] {
  const ranked = rankCandidates(entries, { strategy: 'priority' }, facts);
  return ranked.map((each) => ({ ...each, reason: 'preferred' }));
}

function toLeft({ account, offer, endpoint }: Candidate, reason: RoutingReason): LeftCandidate {
  return {
    ...{ provider: offer.provider, model: offer.model, account: account.label, reason, endpoint },
    ...(reason === 'outside_residency' && { detail: endpointText(endpoint) }),
  };
}

/** The route up to the candidate at `position`: a limit has no room for those behind it. */
export function withoutOthers(route: Route, position: number): Route {
  const left = route.taken.slice(position + 1).map(({ candidate }) => toLeft(candidate, 'over_limit'));
  return { ...route, taken: route.taken.slice(0, position + 1), left: [...left, ...route.left] };
}
