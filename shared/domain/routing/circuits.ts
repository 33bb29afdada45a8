import type { Circuit, NamedCircuit } from '../../contracts/provider-health.ts';
import { CLOSED } from './circuit.ts';

/** As good as new: nothing has to be remembered of it. */
export function isSound(circuit: Circuit): boolean {
  return circuit.state === 'closed' && circuit.failures === 0;
}

/** A tenant's circuits by name: those that are not as good as new, the one that changed last at the end. */
export class Circuits {
  readonly #known = new Map<string, Circuit>();

  get size(): number {
    return this.#known.size;
  }

  all(): NamedCircuit[] {
    return [...this.#known].map(([name, circuit]) => ({ name, circuit }));
  }

  has(name: string): boolean {
    return this.#known.has(name);
  }

  of(name: string): Circuit {
    return this.#known.get(name) ?? CLOSED;
  }

  /** False, and nothing changed, when it was the same. */
  put(name: string, circuit: Circuit): boolean {
    if (circuit === this.of(name)) return false;
    this.#known.delete(name);
    if (!isSound(circuit)) this.#known.set(name, circuit);
    return true;
  }

  /** Forgets the one that has not changed for longest, and answers its name. */
  dropOldest(): string | undefined {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
    return oldest;
  }

  clear(): void {
    this.#known.clear();
  }
}
