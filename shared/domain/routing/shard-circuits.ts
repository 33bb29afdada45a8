import type { HealthNews, HealthTold } from '../../contracts/provider-health.ts';
import { KnownCircuits } from './known-circuits.ts';

/**
 * The circuits of a hot tenant in one of its shards: to the root it is what an isolate is to a gate, to its isolates it is
 * their gate. So of all probes the root lets out one at a time, and what an isolate of one shard learns comes to those of
 * the others as often as shards call.
 */
export class ShardCircuits {
  /** What is told to the root and heard from it. */
  readonly known = new KnownCircuits();
  readonly #memory: number;

  constructor(memory: number) {
    this.#memory = memory;
  }

  /** As `CircuitBoard.exchange`; who asks makes no difference. */
  exchange({ knownVersion, ended = [], circuits = [], wishes = [] }: HealthTold, _by: string, now: number): HealthNews {
    const { known } = this;
    known.restore(circuits);
    for (const { name, isAnswered, failures, retryAfterMs } of ended) {
      if (isAnswered) known.ended(name, 'answered', now);
      for (let failure = 0; failure < failures; failure++) known.ended(name, 'failed', now, retryAfterMs);
    }
    const probes = wishes.filter((name) => known.isTroubled(name) && known.begin(name, now));
    const version = this.#memory + known.changes;
    return {
      memory: this.#memory,
      version,
      ...(knownVersion !== version && { circuits: known.all() }),
      ...(probes.length > 0 && { probes: probes.map((name) => ({ name, since: now })) }),
    };
  }
}
