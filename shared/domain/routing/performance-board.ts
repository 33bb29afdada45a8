import type { HealthNews, HealthTold } from '../../contracts/provider-health.ts';
import { RecentCalls } from './performance.ts';
import { putLatest } from './put-latest.ts';

/** Candidates of one tenant that are remembered: those not heard of for longest leave first. */
const MOST_CANDIDATES = 500;

interface Candidate {
  readonly calls: RecentCalls;
  readonly version: number;
}

/**
 * How a tenant's candidates do, by the calls of all isolates that tell. In memory alone: what is forgotten, calls show again,
 * and until then isolates go by their own. Does no I/O.
 */
export class PerformanceBoard {
  readonly #candidates = new Map<string, Candidate>();
  #version: number;

  /** `version` is to be greater than any of the board before it: the time will do. */
  constructor(version: number) {
    this.#version = version;
  }

  /** Takes in what an isolate tells, and answers how those do of whom there is news for it. */
  exchange(
    { made = [], knownPerformance }: Pick<HealthTold, 'made' | 'knownPerformance'>,
    now: number,
  ): Pick<HealthNews, 'performance'> {
    for (const { name, latencies } of made) this.#note(name, latencies, now);
    if (knownPerformance === undefined || knownPerformance === this.#version) return {};
    const candidates = [...this.#candidates].flatMap(([name, { calls, version }]) => {
      if (version <= knownPerformance) return [];
      const performance = calls.performanceAt(now);
      return performance.errorRate === null ? [] : [{ name, ...performance }];
    });
    return { performance: { version: this.#version, candidates } };
  }

  #note(name: string, latencies: readonly (number | null)[], now: number): void {
    const calls = this.#candidates.get(name)?.calls ?? new RecentCalls();
    for (const latencyMs of latencies) calls.note(latencyMs, now);
    putLatest(this.#candidates, name, { calls, version: ++this.#version }, MOST_CANDIDATES);
  }
}
