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
}

/** Puts candidates in the order in which they are to be called. Pure; equals stay in the order of their weights. */
export function rankCandidates(
  entries: readonly Entry[],
  { strategy, sla = {}, stickyBy }: Pick<PolicyOutcome, 'strategy' | 'sla' | 'stickyBy'>,
  facts: RankingFacts,
): Ranked[] {
  const byWeight = entries.toSorted((one, other) => other.weight - one.weight);
  switch (strategy) {
    case 'priority':
      return byWeight.map((entry) => toRanked(entry, 'priority', () => `weight ${entry.weight}`));
    case 'weighted': {
      const session = stickyBy === undefined ? null : facts.sessionOf(stickyBy);
      return session === null ? drawByWeight(byWeight, facts.random) : drawForSession(byWeight, session);
    }
    case 'cost':
      return byCost(byWeight, facts).map(({ entry, cost }) => toRanked(entry, 'cheapest', () => costText(cost)));
    case 'latency':
      return byLatency(byWeight, facts);
    case 'sla':
      return byTarget(byWeight, sla, facts);
  }
}

function toRanked({ candidate, weight }: Entry, reason: RoutingReason, detail: () => string): Ranked {
  return { candidate, weight, reason, detail };
}

/** One is drawn, each with the chance of its weight; the others follow by weight. */
function drawByWeight(entries: readonly Entry[], random: number): Ranked[] {
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  const drawn = entryAt(entries, random * total);
  return entries
    .toSorted((one, other) => Number(other === drawn) - Number(one === drawn))
    .map((entry) => toRanked(entry, 'weighted', () => chanceText(entry.weight / total, entry === drawn)));
}

/** The order that a session always has; over all sessions each is first with the chance of its weight. */
function drawForSession(entries: readonly Entry[], session: string): Ranked[] {
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  return entries
    .map((entry) => ({ entry, place: placeOf(session, nameOf(entry.candidate), entry.weight) }))
    .sort((one, other) => one.place - other.place)
    .map(({ entry }, at) =>
      toRanked(entry, 'weighted', () => `${chanceText(entry.weight / total, at === 0)}, by session`),
    );
}

/** The entry that a point on the line of all weights falls on. Rounding can leave a rest behind the last one, whose it is. */
function entryAt(entries: readonly Entry[], point: number): Entry | undefined {
  let left = point;
  for (const entry of entries) {
    left -= entry.weight;
    if (left < 0) return entry;
  }
  return entries.at(-1);
}

interface Priced {
  readonly entry: Entry;
  readonly cost: bigint | null;
}

/** The cheapest first, by the estimated input and all of the output that there may be; those without a price last. */
function byCost(entries: readonly Entry[], { tokens }: RankingFacts): Priced[] {
  return entries
    .map((entry) => ({ entry, cost: expectedCost(entry.candidate.offer, tokens) }))
    .sort(({ cost: one }, { cost: other }) => {
      if (one === null || other === null) return Number(one === null) - Number(other === null);
      return one < other ? -1 : Number(one > other);
    });
}

/** The fastest first, and before them those of which too little is known: they are tried, so that it is. */
function byLatency(entries: readonly Entry[], { performanceOf }: RankingFacts): Ranked[] {
  return entries
    .map((entry) => ({ entry, p50Ms: performanceOf(entry.candidate).p50Ms }))
    .sort((one, other) => (one.p50Ms ?? -1) - (other.p50Ms ?? -1))
    .map(({ entry, p50Ms }) => toRanked(entry, 'fastest', () => latencyText('median', p50Ms)));
}

/** The cheapest of those that keep the target, or of which too little is known to say; then the others, the fastest first. */
function byTarget(entries: readonly Entry[], target: NonNullable<PolicyOutcome['sla']>, facts: RankingFacts): Ranked[] {
  const { p95Ms: most = Number.POSITIVE_INFINITY, maxErrorRate = 1 } = target;
  const judged = byCost(entries, facts).map(({ entry, cost }) => {
    const { p95Ms, errorRate } = facts.performanceOf(entry.candidate);
    const keeps = (p95Ms ?? 0) <= most && (errorRate ?? 0) <= maxErrorRate;
    const detail = () =>
      `${latencyText('p95', p95Ms)}, ${(100 * (errorRate ?? 0)).toFixed(1)} % errors, ${costText(cost)}`;
    return { entry, keeps, p95Ms: p95Ms ?? 0, detail };
  });
  const missing = judged.filter(({ keeps }) => !keeps).sort((one, other) => one.p95Ms - other.p95Ms);
  return [...judged.filter(({ keeps }) => keeps), ...missing].map(({ entry, keeps, detail }) =>
    toRanked(entry, keeps ? 'keeps_target' : 'misses_target', detail),
  );
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
