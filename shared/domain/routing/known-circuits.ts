import type {
  CallsEnded,
  Circuit,
  HealthExchange,
  HealthNews,
  HealthTold,
  NamedCircuit,
} from '../../contracts/provider-health.ts';
import { type CallOutcome, mayCall, onCall, onOutcome, PROBE_PAUSE_MS } from './circuit.ts';
import { onCallsEnded } from './circuit-board.ts';
import { Circuits, isSound } from './circuits.ts';

/**
 * One tenant's circuits as an isolate knows them: what the gate told last, and what was seen here since. It probes only
 * what the gate lets it, so that at most one of all isolates does; a gate that tells nothing of circuits (one of an earlier
 * release, or none that was heard yet) leaves it to each. Does no I/O.
 */
export class KnownCircuits implements HealthExchange {
  readonly #circuits = new Circuits();
  readonly #untold = new Map<string, CallsEnded>();
  readonly #wishes = new Set<string>();
  /** Probes that are this isolate's, and since when. */
  readonly #probes = new Map<string, number>();
  readonly #probed = new Map<string, number>();
  #version = 0;
  /** Null: the gate tells nothing of circuits. */
  #memory: number | null = null;
  #isToBeTold = false;
  #changes = 0;

  /** How often anything of them has changed. */
  get changes(): number {
    return this.#changes;
  }

  all(): NamedCircuit[] {
    return this.#circuits.all();
  }

  /** If a candidate is not as good as new. */
  isTroubled(name: string): boolean {
    return this.#circuits.has(name);
  }

  /** Takes over what somebody else knows and is not known here. */
  restore(circuits: readonly NamedCircuit[]): void {
    for (const { name, circuit } of circuits) if (!this.isTroubled(name)) this.#put(name, circuit);
  }

  /** If a candidate may be called now. One whose pause is over is wished for, where the gate has to let it. */
  mayCall(name: string, now: number): boolean {
    if (this.#circuits.size === 0) return true;
    const circuit = this.#circuits.of(name);
    if (circuit.state === 'closed') return true;
    if (this.#memory === null) return mayCall(circuit, now);
    if (this.#mayProbe(name, now)) return true;
    if (mayCall(circuit, now)) this.#wishes.add(name);
    return false;
  }

  /** A call goes out; false, and nothing changed, when it may not. */
  begin(name: string, now: number): boolean {
    if (!this.mayCall(name, now)) return false;
    const since = this.#probes.get(name);
    this.#probes.delete(name);
    if (since === undefined) this.#put(name, onCall(this.#circuits.of(name), now));
    else {
      this.#probed.set(name, since);
      this.#put(name, { state: 'probing', since: now });
    }
    return true;
  }

  /** A call has ended. */
  ended(name: string, outcome: CallOutcome, now: number, retryAfterMs = 0): void {
    const before = this.#circuits.of(name);
    const after = onOutcome(before, outcome, now, retryAfterMs);
    this.#put(name, after);
    if (outcome === 'unknown' || (outcome === 'answered' && isSound(before))) return;
    const untold = this.#untold.get(name) ?? { name, isAnswered: false, failures: 0, retryAfterMs: 0 };
    this.#untold.set(
      name,
      outcome === 'answered'
        ? { name, isAnswered: true, failures: 0, retryAfterMs: 0 }
        : { ...untold, failures: untold.failures + 1, retryAfterMs: Math.max(untold.retryAfterMs, retryAfterMs) },
    );
  }

  /** What there is to tell the gate. It is told once: a call that carries it is made until it is answered. */
  tell(): HealthTold {
    const told: HealthTold = {
      knownVersion: this.#version,
      ...(this.#untold.size > 0 && { ended: [...this.#untold.values()] }),
      ...(this.#isToBeTold && { circuits: this.all() }),
      ...(this.#wishes.size > 0 && { wishes: [...this.#wishes] }),
    };
    this.#untold.clear();
    this.#wishes.clear();
    this.#isToBeTold = false;
    return told;
  }

  /** Only what the gate is to know before a request begins: nothing that may be told once. */
  ask(): HealthTold {
    return { knownVersion: this.#version, ...(this.#wishes.size > 0 && { wishes: [...this.#wishes] }) };
  }

  /** The gate has answered. */
  hear(news: HealthNews | undefined, now: number): void {
    if (!news) {
      this.#memory = null;
      return;
    }
    const { memory, version, circuits, probes = [] } = news;
    if (memory !== this.#memory) {
      // What another memory does not know is told to it; until then, what is known here holds.
      this.#isToBeTold = this.#memory !== null && this.#circuits.size > 0;
      this.#memory = memory;
      this.#version = 0;
    }
    if (circuits && version >= this.#version && !this.#isToBeTold) this.#adopt(version, circuits, now);
    for (const { name, since } of probes) {
      if (this.#probed.get(name) !== since) this.#probes.set(name, since);
      this.#wishes.delete(name);
    }
  }

  #adopt(version: number, circuits: NonNullable<HealthNews['circuits']>, now: number): void {
    this.#version = version;
    this.#changes++;
    this.#circuits.clear();
    for (const { name, circuit } of circuits) this.#circuits.put(name, circuit);
    for (const calls of this.#untold.values())
      this.#put(calls.name, onCallsEnded(this.#circuits.of(calls.name), calls, now));
  }

  #mayProbe(name: string, now: number): boolean {
    const since = this.#probes.get(name);
    if (since === undefined) return false;
    if (now < since + PROBE_PAUSE_MS) return true;
    this.#probes.delete(name);
    return false;
  }

  #put(name: string, circuit: Circuit): void {
    if (this.#circuits.put(name, circuit)) this.#changes++;
  }
}
