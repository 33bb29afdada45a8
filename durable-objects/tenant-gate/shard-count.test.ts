import { expect, it } from 'vitest';
import { MOST_SHARDS } from '../stubs.ts';
import { SHARD_REQUESTS_PER_SECOND, SHARDS_KEPT_MS } from './constants.ts';
import { ShardCount } from './shard-count.ts';

/** Counts so many requests a second, for so many seconds. */
function run(count: ShardCount, perSecond: number, from: number, seconds: number): number {
  for (let second = 0; second <= seconds; second++) count.count(perSecond, from + second * 1_000);
  return from + (seconds + 1) * 1_000;
}

it('is one object as long as one can do it', () => {
  const count = new ShardCount();
  run(count, SHARD_REQUESTS_PER_SECOND, 0, 20);
  expect(count.current).toBe(1);
});

it('doubles as a tenant gets hotter, up to the most', () => {
  const count = new ShardCount();
  let now = run(count, SHARD_REQUESTS_PER_SECOND + 1, 0, 2);
  expect(count.current).toBe(2);
  now = run(count, SHARD_REQUESTS_PER_SECOND * 5, now, 2);
  expect(count.current).toBe(8);
  run(count, SHARD_REQUESTS_PER_SECOND * 1_000, now, 2);
  expect(count.current).toBe(MOST_SHARDS);
});

it('shrinks only when fewer would have done for a while', () => {
  const count = new ShardCount();
  let now = run(count, SHARD_REQUESTS_PER_SECOND * 3, 0, 2);
  now = run(count, 10, now, SHARDS_KEPT_MS / 1_000 - 2);
  expect(count.current).toBe(4);
  run(count, 10, now, 5);
  expect(count.current).toBe(1);
});
