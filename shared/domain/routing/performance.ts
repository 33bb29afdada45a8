import type { Performance } from './rank-candidates.ts';

/** Calls that a performance is told of: the last ones. */
const CALLS_KEPT = 64;

/** Calls from which on anything is told. */
const CALLS_NEEDED = 5;

/** The last calls of a candidate, oldest first; a null latency is one that failed. */
export type RecentCalls = readonly (number | null)[];

/** Nothing was measured. */
export const NO_PERFORMANCE: Performance = { p50Ms: null, p95Ms: null, errorRate: null };

export function noteCall(calls: RecentCalls, latencyMs: number | null): RecentCalls {
  return [...calls.slice(1 - CALLS_KEPT), latencyMs];
}

const known = new WeakMap<RecentCalls, Performance>();

/** Quantiles (nearest rank) of the calls that were answered, and the part of all that was not; found out once for them. */
export function performanceOf(calls: RecentCalls): Performance {
  const found = known.get(calls) ?? measure(calls);
  known.set(calls, found);
  return found;
}

function measure(calls: RecentCalls): Performance {
  if (calls.length < CALLS_NEEDED) return NO_PERFORMANCE;
  const answered = calls.filter((latencyMs) => latencyMs !== null).sort((one, other) => one - other);
  const at = (part: number) => answered[Math.max(0, Math.ceil(part * answered.length) - 1)] ?? null;
  return { p50Ms: at(0.5), p95Ms: at(0.95), errorRate: (calls.length - answered.length) / calls.length };
}
