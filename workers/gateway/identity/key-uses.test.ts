import { describe, expect, it } from 'vitest';
import type { UsedKey } from '../../../shared/services/record-key-uses.ts';
import { KeyUses } from './key-uses.ts';

const LAG_MS = 60_000;
/** How long Cloudflare keeps a request alive behind its answer. */
const WAIT_UNTIL_MS = 30_000;

interface Write {
  readonly at: number;
  readonly uses: readonly UsedKey[];
}

/** An isolate whose time passes only where it is told to. */
function setUp() {
  const timers: { at: number; wake(): void }[] = [];
  const world = { now: 1_000_000, isAway: false, writes: [] as Write[], failures: 0, longestWait: 0, kept: 0 };
  const uses = new KeyUses({
    async write(used) {
      if (world.isAway) throw new Error('Postgres is away');
      world.writes.push({ at: world.now, uses: used });
    },
    onFailure: () => world.failures++,
    now: () => world.now,
    wait(ms) {
      world.longestWait = Math.max(world.longestWait, ms);
      return new Promise((wake) => timers.push({ at: world.now + ms, wake }));
    },
  });
  const settle = async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return {
    world,
    async use(apiKeyId: string, tenantId = 'tenant') {
      uses.note(tenantId, apiKeyId, () => world.kept++);
      await settle();
    },
    /** All requests are cut off, and with them what they wait for. */
    cutOff() {
      timers.length = 0;
    },
    async pass(ms: number) {
      const end = world.now + ms;
      for (;;) {
        timers.sort((one, other) => one.at - other.at);
        const next = timers[0];
        if (!next || next.at > end) break;
        timers.shift();
        world.now = next.at;
        next.wake();
        await settle();
      }
      world.now = end;
    },
  };
}

/** How long it took from a key's last use until a write told of it. */
function lagOf(writes: readonly Write[], apiKeyId: string, usedAt: number): number {
  const told = writes.find(({ uses }) => uses.some((use) => use.apiKeyId === apiKeyId && use.usedAt >= usedAt));
  return (told?.at ?? Number.POSITIVE_INFINITY) - usedAt;
}

describe('A8: when keys were last used', () => {
  it('is not written on the way to an answer', async () => {
    const { world, use, pass } = setUp();
    await use('first');
    expect(world.writes).toHaveLength(0);
    await pass(2_000);
    expect(world.writes).toHaveLength(1);
  });

  it('is written within a minute, with few writes, however many requests there are', async () => {
    const { world, use, pass } = setUp();
    const last = new Map<string, number>();
    for (let request = 0; request < 10_000; request++) {
      const key = `key-${request % 50}`;
      last.set(key, world.now);
      await use(key);
      await pass(30);
    }
    await pass(WAIT_UNTIL_MS);
    for (const [key, usedAt] of last) expect(lagOf(world.writes, key, usedAt)).toBeLessThanOrEqual(LAG_MS);
    expect(world.writes.length).toBeLessThanOrEqual(300_000 / 25_000 + 2);
    expect(world.writes.every(({ uses }) => uses.length <= 50)).toBe(true);
    expect(world.longestWait).toBeLessThan(WAIT_UNTIL_MS);
  });

  it('is written within a minute where no further request comes', async () => {
    const { world, use, pass } = setUp();
    await use('first');
    await pass(1_001);
    await use('second');
    const usedAt = world.now;
    await pass(LAG_MS);
    expect(world.writes.map(({ uses }) => uses.map(({ apiKeyId }) => apiKeyId))).toEqual([['first'], ['second']]);
    expect(lagOf(world.writes, 'second', usedAt)).toBeLessThanOrEqual(LAG_MS);
  });

  it('control: the lag of a use that is never told of is without end', async () => {
    const { world, use } = setUp();
    await use('never told of');
    expect(lagOf(world.writes, 'never told of', world.now)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is told of all keys at once, and of the same key in two tenants as of two', async () => {
    const { world, use, pass } = setUp();
    await use('warm');
    await pass(2_000);
    await use('key', 'one');
    await use('key', 'two');
    await use('key', 'two');
    await pass(LAG_MS);
    expect(world.writes).toHaveLength(2);
    expect(world.writes[1]?.uses.map(({ tenantId, apiKeyId }) => `${tenantId}/${apiKeyId}`)).toEqual([
      'one/key',
      'two/key',
    ]);
    expect(world.kept).toBe(2);
  });

  it('goes with the next write when one fails, by its newest time', async () => {
    const { world, use, pass } = setUp();
    world.isAway = true;
    await use('one');
    await pass(2_000);
    await use('two');
    await pass(LAG_MS);
    expect([world.writes.length, world.failures]).toEqual([0, 2]);
    world.isAway = false;
    await use('two');
    const newest = world.now;
    await pass(LAG_MS);
    const [write] = world.writes;
    expect(write?.uses.map(({ apiKeyId }) => apiKeyId).toSorted()).toEqual(['one', 'two']);
    expect(write?.uses.find(({ apiKeyId }) => apiKeyId === 'two')?.usedAt).toBe(newest);
  });

  it('does not depend on one request: another takes over from one that was cut off', async () => {
    const { world, use, pass, cutOff } = setUp();
    await use('first');
    await pass(LAG_MS);
    await use('lost');
    cutOff();
    await pass(LAG_MS);
    expect(world.writes).toHaveLength(1);
    await use('second');
    await pass(LAG_MS);
    expect(world.writes[1]?.uses.map(({ apiKeyId }) => apiKeyId)).toEqual(['lost', 'second']);
  });
});
