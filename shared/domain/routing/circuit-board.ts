import type { CallsEnded, Circuit, HealthNews, HealthTold } from '../../contracts/provider-health.ts';
import { mayCall, onCall, onOutcome, PROBE_PAUSE_MS } from './circuit.ts';
import { Circuits } from './circuits.ts';

/** Circuits that are remembered of one tenant: the oldest leave first. */
const MOST_CIRCUITS = 500;

/** A circuit after calls that ended, in the order in which they are told: an answer, then failures. */
export function onCallsEnded(
  circuit: Circuit,
  { isAnswered, failures, retryAfterMs }: CallsEnded,
  now: number,
): Circuit {
  let next = isAnswered ? onOutcome(circuit, 'answered', now) : circuit;
  for (let failure = 0; failure < failures; failure++) next = onOutcome(next, 'failed', now, retryAfterMs);
  return next;
}

/**
 * A tenant's circuits as all of its isolates know them. Failures in a row are counted over all isolates, an answer in one
 * of them closes a circuit for all, and of the probes of a candidate one at a time goes out, to whoever asks first. In
 * memory alone: what a gate forgets, its isolates tell it again. Does no I/O.
 */
export class CircuitBoard {
  readonly #memory: number;
  #version: number;
  readonly #circuits = new Circuits();
  /** Whose probe is out. */
  readonly #probers = new Map<string, string>();

  /** `memory` tells this board from the one before it: the time will do. */
  constructor(memory: number) {
    this.#memory = memory;
    this.#version = memory;
  }

  /** Takes in what an isolate tells, and answers what is news to it; `by` names the isolate's lease. */
  exchange({ knownVersion, ended = [], circuits = [], wishes = [] }: HealthTold, by: string, now: number): HealthNews {
    for (const { name, circuit } of circuits) if (!this.#circuits.has(name)) this.#put(name, circuit);
    for (const calls of ended) this.#put(calls.name, onCallsEnded(this.#circuits.of(calls.name), calls, now));
    const probes = wishes.flatMap((name) => {
      const since = this.#probe(name, by, now);
      return since === null ? [] : [{ name, since }];
    });
    const news = { memory: this.#memory, version: this.#version };
    if (knownVersion === this.#version) return probes.length > 0 ? { ...news, probes } : news;
    return { ...news, circuits: this.#circuits.all(), ...(probes.length > 0 && { probes }) };
  }

  /** Since when a probe is the asker's; null: it is not. Asked again, the same probe is told again. */
  #probe(name: string, by: string, now: number): number | null {
    const circuit = this.#circuits.of(name);
    if (circuit.state === 'probing' && this.#probers.get(name) === by && now < circuit.since + PROBE_PAUSE_MS) {
      return circuit.since;
    }
    if (circuit.state === 'closed' || !mayCall(circuit, now)) return null;
    this.#put(name, onCall(circuit, now));
    this.#probers.set(name, by);
    return now;
  }

  #put(name: string, circuit: Circuit): void {
    if (!this.#circuits.put(name, circuit)) return;
    this.#version++;
    if (circuit.state !== 'probing') this.#probers.delete(name);
    if (this.#circuits.size <= MOST_CIRCUITS) return;
    const oldest = this.#circuits.dropOldest();
    if (oldest !== undefined) this.#probers.delete(oldest);
  }
}
