import { expect, it } from 'vitest';
import type { SnapshotReply } from '../../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { TenantDirectory } from './tenant-directory.ts';

const snapshotOf = (configVersion: number) => ({ tenantId: 't', configVersion }) as TenantSnapshot;

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

it('remembers for a while that a tenant does not exist', async () => {
  const { world, directory } = setUp(null, null);
  expect(await directory.find('t', 5000)).toBeNull();
  expect(await directory.find('t', 5000)).toBeNull();
  expect(world.loaded).toBe(1);
  world.now = 6000;
  world.inPostgres = snapshotOf(1);
  expect(await directory.find('t', 5000)).not.toBeNull();
});
