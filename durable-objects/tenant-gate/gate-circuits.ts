import type { GateNews, HoldRequest, SyncCommand } from '../../shared/contracts/rpc.ts';
import { CircuitBoard } from '../../shared/domain/routing/circuit-board.ts';
import { ShardCircuits } from '../../shared/domain/routing/shard-circuits.ts';

/** What an object of a tenant knows of the tenant's circuits: the authority on them, or one of its shards. */
export class GateCircuits {
  readonly #shard: ShardCircuits;
  readonly #circuits: Pick<CircuitBoard, 'exchange'>;

  constructor(shard: number, now: number) {
    this.#shard = new ShardCircuits(now);
    this.#circuits = shard === 0 ? new CircuitBoard(now) : this.#shard;
  }

  /** What a shard tells its root, and hears from it. */
  get ofShard(): ShardCircuits['known'] {
    return this.#shard.known;
  }

  /** Takes in what a call tells of circuits, and answers what is news to it. Of a call that tells nothing: nothing. */
  newsFor(
    { health, leaseId }: Pick<HoldRequest | SyncCommand, 'health' | 'leaseId'>,
    now: number,
  ): Pick<GateNews, 'health'> {
    return health ? { health: this.#circuits.exchange(health, leaseId, now) } : {};
  }
}
