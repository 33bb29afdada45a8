import type { CallsMade, HealthNews, HealthTold, Performance } from '../../contracts/provider-health.ts';
import { CALLS_KEPT, CALLS_TELL_MS, NO_PERFORMANCE, RecentCalls } from './performance.ts';
import { putLatest } from './put-latest.ts';

/** Candidates of one tenant that are remembered: those not heard of for longest leave first. */
const MOST_CANDIDATES = 500;

/** What was told of a candidate, when, and what was seen of it here. */
interface Known {
  readonly calls: RecentCalls;
  readonly untold: (number | null)[];
  heard: Performance | null;
  heardAt: number;
}

/**
 * How one tenant's candidates do, as an isolate knows: what the gate told last, which is of the calls of all isolates, and
 * else of the calls that were made here. Does no I/O.
 */
export class KnownPerformance {
  readonly #candidates = new Map<string, Known>();
  /** Of whose calls the gate was not told yet. */
  readonly #untold = new Set<string>();
  #version = 0;

  of(name: string, now: number): Performance {
    const known = this.#candidates.get(name);
    if (!known) return NO_PERFORMANCE;
    return known.heard && now - known.heardAt <= CALLS_TELL_MS ? known.heard : known.calls.performanceAt(now);
  }

  /** A call took so long until its answer; null: it failed. */
  note(name: string, latencyMs: number | null, now: number): void {
    const { calls, untold } = this.#latest(name);
    calls.note(latencyMs, now);
    untold.push(latencyMs);
    if (untold.length > CALLS_KEPT) untold.shift();
    this.#untold.add(name);
  }

  /** What there is to tell the gate: once, as in `HealthExchange`. */
  tell(): Pick<HealthTold, 'knownPerformance' | 'made'> {
    const made = [...this.#untold].flatMap((name): CallsMade | [] => {
      const latencies = this.#candidates.get(name)?.untold.splice(0);
      return latencies ? { name, latencies } : [];
    });
    this.#untold.clear();
    return { ...this.ask(), ...(made.length > 0 && { made }) };
  }

  ask(): Pick<HealthTold, 'knownPerformance'> {
    return { knownPerformance: this.#version };
  }

  /** The gate has answered. */
  hear(news: Pick<HealthNews, 'performance'> | undefined, now: number): void {
    if (!news?.performance) return;
    const { version, candidates } = news.performance;
    this.#version = version;
    for (const { name, ...heard } of candidates) Object.assign(this.#latest(name), { heard, heardAt: now });
  }

  /** A candidate of which there is news. */
  #latest(name: string): Known {
    const known = this.#candidates.get(name) ?? { calls: new RecentCalls(), untold: [], heard: null, heardAt: 0 };
    putLatest(this.#candidates, name, known, MOST_CANDIDATES);
    return known;
  }
}
