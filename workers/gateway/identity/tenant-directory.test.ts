import { describe, expect, it, vi } from 'vitest';
import type { SnapshotReply } from '../../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { SHARED_LOAD_MS } from '../constants.ts';
import { TenantDirectory } from './tenant-directory.ts';

const snapshotOf = (configVersion: number, residencyPolicies: TenantSnapshot['residencyPolicies'] = []) =>
  ({ tenantId: 't', configVersion, residencyPolicies }) as TenantSnapshot;

function setUp(stored: TenantSnapshot | null, inPostgres: TenantSnapshot | null) {
  const world = { stored, inPostgres, now: 0, asked: 0, loaded: 0 };
  const directory = new TenantDirectory({
    gate: () => ({
      async snapshot(known): Promise<SnapshotReply> {
        world.asked++;
        if (!world.stored) return { state: 'unknown' };
        return world.stored.configVersion > known ? { state: 'newer', snapshot: world.stored } : { state: 'unchanged' };
      },
      async publish(snapshot) {
        world.stored = snapshot;
        return snapshot.configVersion;
      },
    }),
    async load() {
      world.loaded++;
      return world.inPostgres;
    },
    now: () => world.now,
  });
  return { world, directory };
}

it('asks TenantGate once while its copy is fresh enough, then for news', async () => {
  const { world, directory } = setUp(snapshotOf(1), null);
  await directory.find('t', 5000);
  await directory.find('t', 5000);
  expect(world.asked).toBe(1);
  world.stored = snapshotOf(2);
  world.now = 5001;
  expect((await directory.find('t', 5000))?.configVersion).toBe(2);
  expect(world).toMatchObject({ asked: 2, loaded: 0 });
});

it('keeps its copy when there is no news, without Postgres', async () => {
  const { world, directory } = setUp(snapshotOf(1), null);
  await directory.find('t', 5000);
  world.now = 6000;
  expect((await directory.find('t', 5000))?.configVersion).toBe(1);
  expect(world.loaded).toBe(0);
});

it('publishes a tenant that only Postgres knows', async () => {
  const { world, directory } = setUp(null, snapshotOf(7));
  expect((await directory.find('t', 5000))?.configVersion).toBe(7);
  expect(world.stored?.configVersion).toBe(7);
});

describe('a hundred who want a tenant that only Postgres knows', () => {
  it('at once read it once', async () => {
    const { world, directory } = setUp(null, snapshotOf(7));
    const found = await Promise.all(Array.from({ length: 100 }, () => directory.find('t', 5000)));
    expect(found.map((snapshot) => snapshot?.configVersion)).toEqual(found.map(() => 7));
    expect(world.loaded).toBe(1);
  });

  it('one after the other read it each where nothing is remembered: the control', async () => {
    const { world, directory } = setUp(null, snapshotOf(7));
    for (let count = 0; count < 3; count++) {
      world.stored = null;
      world.now += 6000;
      await directory.find('t', 5000);
    }
    expect(world.loaded).toBe(3);
  });

  it('do not wait for one who ended with its reading: the next reads anew', async () => {
    vi.useFakeTimers();
    let isEnded = true;
    const gate = { snapshot: async () => ({ state: 'unknown' }) as const, publish: async () => 7 };
    const load = () => (isEnded ? new Promise<never>(() => {}) : Promise.resolve(snapshotOf(7)));
    const directory = new TenantDirectory({ gate: () => gate, load, now: () => 0 });
    const refused = expect(directory.find('t', 5000)).rejects.toThrow('no answer in time');
    await vi.advanceTimersByTimeAsync(SHARED_LOAD_MS);
    await refused;
    isEnded = false;
    expect(await directory.find('t', 5000)).toEqual(snapshotOf(7));
    vi.useRealTimers();
  });
});

it('remembers for a while that a tenant does not exist', async () => {
  const { world, directory } = setUp(null, null);
  expect(await directory.find('t', 5000)).toBeNull();
  expect(await directory.find('t', 5000)).toBeNull();
  expect(world.loaded).toBe(1);
  world.now = 6000;
  world.inPostgres = snapshotOf(1);
  expect(await directory.find('t', 5000)).not.toBeNull();
});

describe('a configuration that an earlier release left at TenantGate', () => {
  const { residencyPolicies: _, ...unread } = snapshotOf(3);

  it.each([
    ['read as null', snapshotOf(3, null)],
    ['without the field', unread as TenantSnapshot],
  ])('%s is read from Postgres once, and published again', async (_name, old) => {
    const { world, directory } = setUp(old, snapshotOf(3));
    expect((await directory.find('t', 5000))?.residencyPolicies).toEqual([]);
    expect(world.stored).toEqual(snapshotOf(3));
    world.now = 6000;
    expect((await directory.find('t', 5000))?.residencyPolicies).toEqual([]);
    expect(world.loaded).toBe(1);
  });

  it('is nobody’s when it is heard of with another answer', async () => {
    const { world, directory } = setUp(snapshotOf(3), snapshotOf(4));
    await directory.find('t', 5000);
    const old = snapshotOf(4, null);
    world.stored = old;
    directory.hear('t', { configVersion: 4, snapshot: old, rates: [], shards: 1 }, true);
    expect(directory.known('t', 5000)).toBeUndefined();
    expect((await directory.find('t', 5000))?.residencyPolicies).toEqual([]);
  });

  it('fails closed where Postgres is away', async () => {
    const gate = {
      snapshot: async () => ({ state: 'newer', snapshot: snapshotOf(3, null) }) as const,
      publish: async () => 3,
    };
    const load = () => Promise.reject(new Error('away'));
    const directory = new TenantDirectory({ gate: () => gate, load, now: () => 0 });
    await expect(directory.find('t', 5000)).rejects.toThrow('away');
    expect(directory.known('t', 5000)).toBeUndefined();
  });
});
