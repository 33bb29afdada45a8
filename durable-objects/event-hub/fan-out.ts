import type { EventPage, RelayedEvents, RelayReply } from '../../shared/contracts/events.ts';

interface FanOutOptions {
  /** Shards that had readers when the hub last knew. */
  readonly shards: readonly number[];
  relay(shard: number, events: RelayedEvents): Promise<RelayReply>;
  read(after: number): EventPage;
  configVersion(): number;
  /** A shard has no reader any more. */
  onLeft(shard: number): void;
  onFailure(error: unknown): void;
}

interface Shard {
  /** Everything up to this place is with it; null: not known. */
  through: number | null;
  /** Of the configuration that it knows of. */
  configVersion: number;
  /** Readers, and those that were sent there since it last told. */
  sockets: number;
  /** How often it has said that it has readers. */
  joins: number;
  sending: Promise<void> | null;
}

/** What a hub sends to its shards: to each all events in their order, one call at a time, from what the shard says it has. */
export class FanOut {
  readonly #options: FanOutOptions;
  readonly #shards = new Map<number, Shard>();

  constructor(options: FanOutOptions) {
    this.#options = options;
    for (const shard of options.shards) this.#shards.set(shard, newShard(null));
  }

  get size(): number {
    return this.#shards.size;
  }

  /** Readers of all shards. */
  get sockets(): number {
    return [...this.#shards.values()].reduce((sum, { sockets }) => sum + sockets, 0);
  }

  /** Sees to it that the number of readers is known. */
  async know(): Promise<void> {
    const unknown = [...this.#shards].filter(([, { through }]) => through === null);
    await Promise.all(unknown.map(([number]) => this.#sendTo(number)));
  }

  /** A shard with room for one reader more, from 1; it is counted there. Null: all are full. */
  place(mostInOne: number, mostShards: number): number | null {
    for (let number = 1; number <= mostShards; number++) {
      const shard = this.#shards.get(number);
      if (shard && shard.sockets >= mostInOne) continue;
      if (shard) shard.sockets++;
      return number;
    }
    return null;
  }

  /** A shard has readers, who have everything up to a place. */
  join(number: number, through: number): void {
    const shard = this.#shards.get(number) ?? newShard(through);
    shard.joins += 1;
    this.#shards.set(number, shard);
  }

  /** Sends each what it has not got. */
  send(): void {
    for (const number of this.#shards.keys()) void this.#sendTo(number);
  }

  #sendTo(number: number): Promise<void> {
    const shard = this.#shards.get(number);
    if (!shard) return Promise.resolve();
    shard.sending ??= this.#sendAll(number, shard)
      .catch((error: unknown) => {
        shard.through = null;
        this.#options.onFailure(error);
      })
      .finally(() => {
        shard.sending = null;
      });
    return shard.sending;
  }

  async #sendAll(number: number, shard: Shard): Promise<void> {
    const { relay, read, configVersion, onLeft } = this.#options;
    for (;;) {
      const isKnown = shard.through !== null;
      const page = read(shard.through ?? Number.MAX_SAFE_INTEGER);
      const [version, joins] = [configVersion(), shard.joins];
      if (isKnown && page.events.length === 0 && shard.configVersion === version) return;
      const { through, sockets } = await relay(number, { ...page, configVersion: version });
      Object.assign(shard, { through, sockets, configVersion: version });
      if (sockets > 0 || shard.joins > joins) continue; // or it had none when it answered, and has by now
      this.#shards.delete(number);
      onLeft(number);
      return;
    }
  }
}

function newShard(through: number | null): Shard {
  return { through, configVersion: -1, sockets: 0, joins: 0, sending: null };
}
