import type { RoutingReason } from '../../contracts/http/routing-decision.ts';
import type { PolicyOutcome } from '../../contracts/routing-policy.ts';
import { toUsdText } from '../../contracts/usd-text.ts';
import { type Candidate, nameOf } from './candidate.ts';
import type { Entry } from './compile-policy.ts';
import { expectedCost } from './expected-cost.ts';
import { placeOf } from './rendezvous.ts';

/** What is known of how a candidate did lately. Null: too little to tell. */
export interface Performance {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** Of 1. */
  readonly errorRate: number | null;
}

/** A candidate in its place, and why it is there. */
export interface Ranked extends Entry {
  readonly reason: RoutingReason;
  /** For people; made when somebody asks. */
  readonly detail?: () => string;
}

/** What a ranking goes by beside the policy. */
export interface RankingFacts {
  readonly tokens: { readonly input: number; readonly output: number };
  performanceOf(candidate: Candidate): Performance;
  /** At least 0 and less than 1: decides what `weighted` draws. */
  readonly random: number;
  /** The session that a request belongs to, by what a policy's `stickyBy` says; null: to none. */
  sessionOf(stickyBy: string): string | null;
  /** What part of the input a candidate's prompt cache is likely to hold, for a session, or for requests of none. */
  cachedShareOf(candidate: Candidate, session: string | null): number;
}

/** Candidates in the order in which they are to be called. Why one is in its place is written when somebody asks. */
export interface Ranking {
  readonly order: readonly Entry[];
  rankedAt(position: number): Ranked;
}

type Ordering = Pick<PolicyOutcome, 'strategy' | 'sla' | 'stickyBy'>;

/** Puts candidates in order, each with its reason. Pure; equals stay in the order of their weights. */
export function rankCandidates(entries: readonly Entry[], outcome: Ordering, facts: RankingFacts): Ranked[] {
  const { order, rankedAt } = orderCandidates(inOrderOfWeights(entries), outcome, facts);
  return order.map((_, position) => rankedAt(position));
}

/** The same of candidates that are in the order of their weights, of whom only the first few are asked after. */
export function orderCandidates(byWeight: readonly Entry[], outcome: Ordering, facts: RankingFacts): Ranking {
  const { strategy, sla = {}, stickyBy } = outcome;
  switch (strategy) {
    case 'priority':
      return rankingOf(byWeight, 'priority', ({ weight }) => `weight ${weight}`);
    case 'weighted': {
      const session = sessionFor(stickyBy, facts);
      return session === null ? drawByWeight(byWeight, facts.random) : drawForSession(byWeight, session);
    }
    case 'cost':
      return byCost(byWeight, facts, sessionFor(stickyBy, facts));
    case 'latency':
      return byLatency(byWeight, facts);
    case 'sla':
      return byTarget(byWeight, sla, facts, sessionFor(stickyBy, facts));
  }
}

/** The session by which a policy has requests belong together; null: none. */
function sessionFor(stickyBy: string | undefined, facts: RankingFacts): string | null {
  return stickyBy === undefined ? null : facts.sessionOf(stickyBy);
}

/** The heaviest first; equals stay as they are. */
export function inOrderOfWeights(entries: readonly Entry[]): readonly Entry[] {
  return entries.toSorted((one, other) => other.weight - one.weight);
}

/** An order for one reason, whose details may differ. */
export function rankingOf(
  order: readonly Entry[],
  reason: RoutingReason,
  detailOf?: (entry: Entry, position: number) => string,
): Ranking {
  return {
    order,
    rankedAt(position) {
      const { candidate, weight } = at(order, position);
      const detail = detailOf && (() => detailOf(at(order, position), position));
      return { candidate, weight, reason, ...(detail && { detail }) };
    },
  };
}

/** One is drawn, each with the chance of its weight; the others follow by weight. */
function drawByWeight(entries: readonly Entry[], random: number): Ranking {
  const total = totalWeight(entries);
  const drawn = positionOf(entries, random * total);
  const order = drawn > 0 ? [at(entries, drawn), ...entries.slice(0, drawn), ...entries.slice(drawn + 1)] : entries;
  return rankingOf(order, 'weighted', ({ weight }, position) => chanceText(weight / total, position === 0));
}

/** The order that a session always has; over all sessions each is first with the chance of its weight. */
function drawForSession(entries: readonly Entry[], session: string): Ranking {
  const total = totalWeight(entries);
  const places = entries.map(({ candidate, weight }) => placeOf(session, nameOf(candidate), weight));
  const order = sortedPositions(places, (one, other) => one - other).map((position) => at(entries, position));
  return rankingOf(
    order,
    'weighted',
    ({ weight }, position) => `${chanceText(weight / total, position === 0)}, by session`,
  );
}

function totalWeight(entries: readonly Entry[]): number {
  let total = 0;
  for (const { weight } of entries) total += weight;
  return total;
}

/** Where a point on the line of all weights falls. Rounding can leave a rest behind the last one, whose it is. */
function positionOf(entries: readonly Entry[], point: number): number {
  let left = point;
  for (let position = 0; position < entries.length; position++) {
    left -= at(entries, position).weight;
    if (left < 0) return position;
  }
  return entries.length - 1;
}

/**
 * The cheapest first, by the estimated input, what of it a prompt cache is likely to hold, and all of the output that there
 * may be; those without a price last.
 */
function byCost(entries: readonly Entry[], facts: RankingFacts, session: string | null): Ranking {
  const costs = costsOf(entries, facts, session);
  const positions = sortedPositions(costs, cheaperFirst);
  const order = positions.map((position) => at(entries, position));
  return rankingOf(order, 'cheapest', (_, position) => costText(at(costs, at(positions, position))));
}

function costsOf(
  entries: readonly Entry[],
  { tokens, cachedShareOf }: RankingFacts,
  session: string | null,
): (bigint | null)[] {
  const exact = { input: BigInt(tokens.input), output: BigInt(tokens.output) };
  return entries.map(({ candidate }) =>
    expectedCost(candidate.offer, tokens, cachedShareOf(candidate, session), exact),
  );
}

function cheaperFirst(one: bigint | null, other: bigint | null): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return one < other ? -1 : Number(one > other);
}

/** The fastest first, and before them those of which too little is known: they are tried, so that it is. */
function byLatency(entries: readonly Entry[], { performanceOf }: RankingFacts): Ranking {
  const medians = entries.map(({ candidate }) => performanceOf(candidate).p50Ms);
  const positions = sortedPositions(medians, (one, other) => (one ?? -1) - (other ?? -1));
  const order = positions.map((position) => at(entries, position));
  return rankingOf(order, 'fastest', (_, position) => latencyText('median', at(medians, at(positions, position))));
}

/** The cheapest of those that keep the target, or of which too little is known to say; then the others, the fastest first. */
function byTarget(
  entries: readonly Entry[],
  target: NonNullable<PolicyOutcome['sla']>,
  facts: RankingFacts,
  session: string | null,
): Ranking {
  const { p95Ms: most = Number.POSITIVE_INFINITY, maxErrorRate = 1 } = target;
  const costs = costsOf(entries, facts, session);
  const measured = entries.map(({ candidate }) => facts.performanceOf(candidate));
  const keeps = measured.map(({ p95Ms, errorRate }) => (p95Ms ?? 0) <= most && (errorRate ?? 0) <= maxErrorRate);
  const cheapest = sortedPositions(costs, cheaperFirst);
  const missing = cheapest
    .filter((position) => !at(keeps, position))
    .sort((one, other) => (at(measured, one).p95Ms ?? 0) - (at(measured, other).p95Ms ?? 0));
  const keeping = cheapest.filter((position) => at(keeps, position));
  const positions = missing.length > 0 ? [...keeping, ...missing] : keeping;
  const detailOf = (position: number) => {
    const { p95Ms, errorRate } = at(measured, position);
    const errors = (100 * (errorRate ?? 0)).toFixed(1);
    return `${latencyText('p95', p95Ms)}, ${errors} % errors, ${costText(at(costs, position))}`;
  };
  return {
    order: positions.map((position) => at(entries, position)),
    rankedAt(place) {
      const position = at(positions, place);
      const { candidate, weight } = at(entries, position);
      const reason = at(keeps, position) ? 'keeps_target' : 'misses_target';
      return { candidate, weight, reason, detail: () => detailOf(position) };
    },
  };
}

/** The positions of values, the least value first; equals stay as they are. */
function sortedPositions<T>(values: readonly T[], compare: (one: T, other: T) => number): number[] {
  return values.map((_, position) => position).sort((one, other) => compare(at(values, one), at(values, other)));
}

/** What is at a position that is known to be there. */
function at<T>(values: readonly T[], position: number): T {
  return values[position] as T;
}

function chanceText(chance: number, isDrawn: boolean): string {
  return `${isDrawn ? 'drawn at' : 'had'} ${(100 * chance).toFixed(1)} %`;
}

function latencyText(what: string, latencyMs: number | null): string {
  return latencyMs === null ? 'not measured yet' : `${what} ${latencyMs} ms`;
}

function costText(picoUsd: bigint | null): string {
  return picoUsd === null ? 'no price' : `about $${toUsdText(picoUsd)}`;
}
