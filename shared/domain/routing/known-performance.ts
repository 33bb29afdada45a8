import type { CallsMade, HealthNews, HealthTold, Performance } from '../../contracts/provider-health.ts';
import { CALLS_KEPT, CALLS_TELL_MS, NO_PERFORMANCE, RecentCalls } from './performance.ts';

/** Candidates of one tenant that are remembered: those not heard of for longest leave first. */
const MOST_CANDIDATES = 500;

interface Heard {
  readonly performance: Performance;
  readonly at: number;
}

/**
 * How one tenant's candidates do, as an isolate knows: what the gate told last, which is of the calls of all isolates, and
 * else of the calls that were made here. Does no I/O.
 */
export class KnownPerformance {
  readonly #own = new Map<string, RecentCalls>();
  readonly #heard = new Map<string, Heard>();
  readonly #untold = new Map<string, (number | null)[]>();
  #version = 0;

  of(name: string, now: number): Performance {
    const heard = this.#heard.get(name);
    if (heard && now - heard.at <= CALLS_TELL_MS) return heard.performance;
    return this.#own.get(name)?.performanceAt(now) ?? NO_PERFORMANCE;
  }

  /** A call took so long until its answer; null: it failed. */
  note(name: string, latencyMs: number | null, now: number): void {
    const own = this.#own.get(name) ?? new RecentCalls();
    own.note(latencyMs, now);
    keep(this.#own, name, own);
    const untold = this.#untold.get(name) ?? [];
    untold.push(latencyMs);
    if (untold.length > CALLS_KEPT) untold.shift();
    keep(this.#untold, name, untold);
  }

  /** What there is to tell the gate: once, as `KnownCircuits.tell`. */
  tell(): Pick<HealthTold, 'knownPerformance' | 'made'> {
    const made = [...this.#untold].map(([name, latencies]): CallsMade => ({ name, latencies }));
    this.#untold.clear();
    return { ...this.ask(), ...(made.length > 0 && { made }) };
  }

  ask(): Pick<HealthTold, 'knownPerformance'> {
    return { knownPerformance: this.#version };
  }

  /** The gate has answered. */
  hear(news: Pick<HealthNews, 'performance'> | undefined, now: number): void {
    if (!news?.performance) return;
    const { performance } = news;
    this.#version = performance.version;
    for (const { name, ...told } of performance.candidates) keep(this.#heard, name, { performance: told, at: now });
  }
}

function keep<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name);
  map.set(name, value);
  if (map.size <= MOST_CANDIDATES) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
