import { MOST_SHARDS } from '../stubs.ts';
import { SHARD_REQUESTS_PER_SECOND, SHARDS_KEPT_MS } from './constants.ts';

const SPAN_MS = 1_000;

/**
 * Over how many objects a tenant's leases are to be spread, by how many requests begin in a second. Grows at once, by
 * doubling, and shrinks only when a smaller number would have done for a while.
 */
export class ShardCount {
  #shards = 1;
  #since = 0;
  #requests = 0;
  #neededAt = 0;

  get current(): number {
    return this.#shards;
  }

  count(requests: number, now: number): void {
    if (now - this.#since >= SPAN_MS) {
      this.#decide(this.#requests / ((now - this.#since) / SPAN_MS), now);
      this.#since = now;
      this.#requests = 0;
    }
    this.#requests += requests;
  }

  #decide(requestsPerSecond: number, now: number): void {
    const needed = shardsFor(requestsPerSecond);
    if (needed >= this.#shards) this.#neededAt = now;
    if (needed > this.#shards || now - this.#neededAt > SHARDS_KEPT_MS) this.#shards = needed;
  }
}

function shardsFor(requestsPerSecond: number): number {
  const least = Math.ceil(requestsPerSecond / SHARD_REQUESTS_PER_SECOND);
  return Math.min(MOST_SHARDS, 2 ** Math.ceil(Math.log2(Math.max(1, least))));
}
