import type { GateNews, HoldRequest, SyncCommand } from '../../shared/contracts/rpc.ts';
import { CircuitBoard } from '../../shared/domain/routing/circuit-board.ts';
import { PerformanceBoard } from '../../shared/domain/routing/performance-board.ts';
import { ShardCircuits } from '../../shared/domain/routing/shard-circuits.ts';

/**
 * What an object of a tenant knows of the tenant's candidates. It is the authority on their circuits, or one of its shards;
 * how fast they answer each object knows from the isolates that call it, which are enough to tell.
 */
export class GateHealth {
  readonly #shard: ShardCircuits;
  readonly #circuits: Pick<CircuitBoard, 'exchange'>;
  readonly #performance: PerformanceBoard;

  constructor(shard: number, now: number) {
    this.#shard = new ShardCircuits(now);
    this.#circuits = shard === 0 ? new CircuitBoard(now) : this.#shard;
    this.#performance = new PerformanceBoard(now);
  }

  /** What a shard tells its root, and hears from it. */
  get ofShard(): ShardCircuits['known'] {
    return this.#shard.known;
  }

  /** Takes in what a call tells of candidates, and answers what is news to it. Of a call that tells nothing: nothing. */
  newsFor(
    { health, leaseId }: Pick<HoldRequest | SyncCommand, 'health' | 'leaseId'>,
    now: number,
  ): Pick<GateNews, 'health'> {
    if (!health) return {};
    return {
      health: { ...this.#circuits.exchange(health, leaseId, now), ...this.#performance.exchange(health, now) },
    };
  }
}
