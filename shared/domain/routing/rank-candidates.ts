import type { RoutingReason } from '../../contracts/http/routing-decision.ts';
import type { Performance } from '../../contracts/provider-health.ts';
import type { PolicyOutcome } from '../../contracts/routing-policy.ts';
import { toUsdText } from '../../contracts/usd-text.ts';
import type { Candidate } from './candidate.ts';
import type { Entry } from './compile-policy.ts';
import { type ExpectedCost, expectedCost } from './expected-cost.ts';
import { placesOf } from './rendezvous.ts';

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
  cachedSharesFor(session: string | null): (candidate: Candidate) => number;
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
  const placeOf = placesOf(session);
  const places = entries.map(({ candidate, weight }) => placeOf(candidate.name, weight));
  const order = sortedPositions(places).map((position) => at(entries, position));
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
  const positions = sortedPositions(costs);
  const order = positions.map((position) => at(entries, position));
  return rankingOf(order, 'cheapest', (_, position) => costText(at(costs, at(positions, position))));
}

/** What has no price is dearer than everything. */
const NO_PRICE = Number.POSITIVE_INFINITY;

function costsOf(
  entries: readonly Entry[],
  { tokens, cachedSharesFor }: RankingFacts,
  session: string | null,
): ExpectedCost[] {
  const cachedShareOf = cachedSharesFor(session);
  return entries.map(({ candidate }) => expectedCost(candidate.offer, tokens, cachedShareOf(candidate)) ?? NO_PRICE);
}

/**
 * The fastest first, before them those of which too little is known, which are tried, so that it is, and behind them those
 * that answered nothing.
 */
function byLatency(entries: readonly Entry[], facts: RankingFacts): Ranking {
  const medians = entries.map(({ candidate }) => {
    const performance = facts.performanceOf(candidate);
    return latencyOf(performance.p50Ms, performance);
  });
  const positions = sortedPositions(medians);
  const order = positions.map((position) => at(entries, position));
  return rankingOf(order, 'fastest', (_, position) => latencyText('median', at(medians, at(positions, position))));
}

/** Of whom too little is known, and who was called and answered nothing. */
const [NOT_MEASURED, NO_ANSWER] = [-1, Number.POSITIVE_INFINITY];

function latencyOf(quantileMs: number | null, { errorRate }: Performance): number {
  return quantileMs ?? (errorRate === null ? NOT_MEASURED : NO_ANSWER);
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
  const latencies = measured.map((performance) => latencyOf(performance.p95Ms, performance));
  const keeps = (position: number) =>
    at(latencies, position) <= most && (at(measured, position).errorRate ?? 0) <= maxErrorRate;
  const keeping: number[] = [];
  const missing: number[] = [];
  for (let position = 0; position < entries.length; position++) (keeps(position) ? keeping : missing).push(position);
  // Equally fast ones stay in the order of their costs.
  const positions = [...sortByValue(keeping, costs), ...sortByValue(sortByValue(missing, costs), latencies)];
  const detailOf = (position: number) => {
    const errors = (100 * (at(measured, position).errorRate ?? 0)).toFixed(1);
    return `${latencyText('p95', at(latencies, position))}, ${errors} % errors, ${costText(at(costs, position))}`;
  };
  return {
    order: positions.map((position) => at(entries, position)),
    rankedAt(place) {
      const position = at(positions, place);
      const { candidate, weight } = at(entries, position);
      const reason = keeps(position) ? 'keeps_target' : 'misses_target';
      return { candidate, weight, reason, detail: () => detailOf(position) };
    },
  };
}

/** The positions of values, the least value first; equals stay as they are. */
function sortedPositions(values: readonly ExpectedCost[]): number[] {
  const positions = values.map((_, position) => position);
  return sortByValue(positions, values);
}

/**
 * Sorts positions in place by their values, the least first; equals stay as they are. By insertion: of the few candidates
 * that a policy has, this takes a fraction of what a sort takes that asks a function for each pair.
 */
function sortByValue(positions: number[], values: readonly ExpectedCost[]): number[] {
  for (let next = 1; next < positions.length; next++) {
    const position = positions[next] as number;
    const value = values[position] as ExpectedCost;
    let place = next;
    for (; place > 0; place--) {
      const before = positions[place - 1] as number;
      if ((values[before] as ExpectedCost) <= value) break;
      positions[place] = before;
    }
    positions[place] = position;
  }
  return positions;
}

/** What is at a position that is known to be there. */
function at<T>(values: readonly T[], position: number): T {
  return values[position] as T;
}

function chanceText(chance: number, isDrawn: boolean): string {
  return `${isDrawn ? 'drawn at' : 'had'} ${(100 * chance).toFixed(1)} %`;
}

function latencyText(what: string, latencyMs: number): string {
  if (latencyMs === NOT_MEASURED) return 'not measured lately';
  return latencyMs === NO_ANSWER ? 'no answer lately' : `${what} ${latencyMs} ms`;
}

function costText(cost: ExpectedCost): string {
  return cost === NO_PRICE ? 'no price' : `about $${toUsdText(BigInt(cost))}`;
}
