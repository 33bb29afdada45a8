import type { Performance } from '../../contracts/provider-health.ts';

/** Calls that a performance is told of: the last ones. */
export const CALLS_KEPT = 64;

/** Calls from which on anything is told. */
const CALLS_NEEDED = 5;

/** When no call was made for so long, those before it tell nothing of how a candidate does now. */
export const CALLS_TELL_MS = 600_000;

/** Nothing was measured. */
export const NO_PERFORMANCE: Performance = { p50Ms: null, p95Ms: null, errorRate: null };

/** The last calls of a candidate. */
export class RecentCalls {
  /** Oldest first; null is one that failed. */
  #latencies: (number | null)[] = [];
  #lastAt = 0;
  /** Null: not found out since the last call. */
  #performance: Performance | null = null;

  note(latencyMs: number | null, now: number): void {
    if (this.#isLongAgo(now)) this.#latencies = [];
    this.#latencies.push(latencyMs);
    if (this.#latencies.length > CALLS_KEPT) this.#latencies.shift();
    this.#lastAt = now;
    this.#performance = null;
  }

  /** Quantiles (nearest rank) of the calls that were answered, and the part of all that was not. */
  performanceAt(now: number): Performance {
    if (this.#isLongAgo(now)) return NO_PERFORMANCE;
    this.#performance ??= measure(this.#latencies);
    return this.#performance;
  }

  #isLongAgo(now: number): boolean {
    return now - this.#lastAt > CALLS_TELL_MS;
  }
}

function measure(calls: readonly (number | null)[]): Performance {
  if (calls.length < CALLS_NEEDED) return NO_PERFORMANCE;
  const answered = Float64Array.from(calls.filter((latencyMs) => latencyMs !== null)).sort();
  const at = (part: number) => answered[Math.max(0, Math.ceil(part * answered.length) - 1)] ?? null;
  return { p50Ms: at(0.5), p95Ms: at(0.95), errorRate: (calls.length - answered.length) / calls.length };
}
