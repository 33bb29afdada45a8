import { describe, expect, it } from 'vitest';
import { BUDGET, budget, holdOf, rate, tenantWith } from '../../../test/harness/admission-tenant.ts';
import { AdmissionWorld, type WorldRequest } from '../../../test/harness/admission-world.ts';

const MONEY = `${BUDGET}:picoUsd`;
const tenant = tenantWith({ budgets: [budget()] });
const { requestId: _, startedAt: __, ...hold } = holdOf('', 1_000n);
const ONE: WorldRequest = { hold, tokens: 100n, costPicoUsd: 10n, latencyMs: 20 };

const worldOf = (snapshot = tenant) => new AdmissionWorld({ seed: 1, snapshot, isolates: 1 });

/** Sends many requests, one after so many milliseconds, and lets time pass while they come. */
async function busy(world: AdmissionWorld, count: number, everyMs: number) {
  const ends: unknown[] = [];
  for (let sent = 0; sent < count; sent++) {
    world.time.in(sent * everyMs, () => void world.request(0, ONE).then((end) => ends.push(end)));
  }
  await world.run(count * everyMs);
  return ends;
}

describe('a session', () => {
  it('makes one call for a quiet request before it begins, and one that tells of its end', async () => {
    const calls: string[] = [];
    const world = new AdmissionWorld({
      ...{ seed: 1, snapshot: tenant, isolates: 1 },
      onSync: (command) => {
        calls.push(`${command.events.length} ended, ${command.permits} permits`);
        return command;
      },
    });
    const end = world.request(0, ONE);
    await world.run(1_000);
    expect(await end).toBe('done');
    expect({ asked: world.asked, calls }).toEqual({ asked: 1, calls: ['1 ended, 0 permits'] });
  });

  it('that is busy admits most by its lease', async () => {
    const world = worldOf();
    await busy(world, 500, 4);
    expect(world.local).toBeGreaterThan(400);
  });

  it('that was busy and is quiet gives all back, and nothing is recorded that never was', async () => {
    const world = worldOf();
    await busy(world, 100, 4);
    await world.run(30_000);
    expect(world.book.totals(MONEY)).toEqual({ spent: 1_000n, out: 0n });
    expect(world.ledger().size).toBe(100);
    expect([...world.ledger().values()].every(({ status }) => status === 'completed')).toBe(true);
  });

  it('that asks for each request leaves a record for each that began when its isolate dies, and for no other', async () => {
    const recorded = async (asksForEach: boolean) => {
      const world = new AdmissionWorld({ ...{ seed: 1, snapshot: tenant, isolates: 1 }, asksForEach });
      world.time.in(200, () => world.killIsolate(0));
      await busy(world, 50, 4);
      await world.run(30_000);
      return { local: world.local, records: world.ledger().size };
    };
    expect(await recorded(true)).toEqual({ local: 0, records: 50 });
    expect((await recorded(false)).records).toBeGreaterThan(50); // control: what was leased for requests to come counts too
  });

  it.each([
    [true, 'estimated', 1_000n],
    [false, 'completed', 10n],
  ])(
    'ends a request of which nothing is seen any more, at its hold, until it tells otherwise (never: %s)',
    async (isEnded, status, spent) => {
      const world = worldOf();
      void world.request(0, { ...ONE, latencyMs: 40_000, leavesAfterMs: 4_000, isEnded });
      await world.run(100);
      const record = () => world.ledger().get([...world.provider.keys()][0] ?? '');
      await busy(world, 23, 500);
      expect(record()).toBeUndefined(); // control: what was seen a moment ago runs
      await busy(world, 17, 500);
      await world.run(400);
      expect(record()).toMatchObject({ status: 'estimated', errorCode: 'settlement_lost', costPicoUsd: '1000' });
      expect(world.book.status(world.snapshot, world.gateNow())).toMatchObject([
        { held: 0n, spent: 40n * 10n + 1_000n },
      ]);
      await busy(world, 60, 500);
      await world.run(1_000);
      expect(record()).toMatchObject({ status, costPicoUsd: `${spent}` });
      expect(world.book.totals(MONEY)).toEqual({ spent: 100n * 10n + spent, out: 0n });
    },
  );

  it('asks again by a configuration that is newer, and never goes back', async () => {
    const world = worldOf();
    await busy(world, 100, 4);
    world.snapshot = tenantWith({ configVersion: 2, budgets: [budget({ amountPicoUsd: '0' })] });
    const ends = await busy(world, 1_000, 4);
    await world.run(1_000);
    expect(ends.at(-1)).toMatchObject({ reason: 'limit_reached' });
    expect(ends.filter((end) => end === 'done').length).toBeLessThan(700);
  });

  it('refuses what it cannot ask for, and what was held for it comes back', async () => {
    const world = worldOf();
    world.faults = { ...world.faults, lostAnswers: 1 };
    const end = world.request(0, ONE);
    await world.run(1_000);
    expect(await end).toEqual({ reason: 'unavailable' });
    await world.run(20_000);
    expect(world.book.totals(MONEY)).toEqual({ spent: 0n, out: 0n });
    expect(world.store.events).toEqual([]);
  });

  it('tells again what was taken in though its answer was lost, and it counts once', async () => {
    const world = worldOf();
    void busy(world, 1, 100);
    await world.run(35);
    world.faults = { ...world.faults, lostAnswers: 0.7 };
    await world.run(30_000);
    expect(world.book.totals(MONEY)).toEqual({ spent: 10n, out: 0n });
    expect(world.store.events).toHaveLength(1);
  });

  it.each([
    [false, 'completed'],
    [true, 'canceled'],
  ])(
    'that was cut off lets its next request begin elsewhere (under its old name: %s), recorded as %s',
    async (doMovedKeepNames, status) => {
      const world = new AdmissionWorld({ seed: 1, snapshot: tenant, isolates: 1, doMovedKeepNames });
      void busy(world, 100, 4);
      await world.run(300);
      world.faults = { ...world.faults, lostRequests: 1 };
      await world.run(30_000);
      world.faults = { ...world.faults, lostRequests: 0 };
      const begun = new Set(world.provider.keys());
      const end = world.request(0, ONE);
      await world.run(60_000);
      expect(await end).toBe('done');
      const [moved] = [...world.provider.keys()].filter((requestId) => !begun.has(requestId));
      // Its old lease counts it among those that never began: under that name, the record would be void.
      expect(world.ledger().get(moved ?? '')?.status).toBe(status);
    },
  );
});

describe('requests that wait for others’ places', () => {
  const narrow = (queueMs: number) => worldOf(tenantWith({ rateLimits: [rate({ maxConcurrent: 1, queueMs })] }));

  it('go by priority, then by who came first', async () => {
    const world = narrow(10_000);
    const order: string[] = [];
    const send = (name: string, priority: 'high' | 'normal' | 'low') =>
      void world.request(0, { ...ONE, latencyMs: 200, priority }).then((end) => order.push(`${name} ${end}`));
    send('first', 'low');
    await world.run(50);
    for (const [at, priority] of (['low', 'normal', 'normal', 'normal', 'high'] as const).entries()) {
      send(`${priority} ${at}`, priority);
      await world.run(20);
    }
    await world.run(10_000);
    expect(order).toEqual([
      ...['first done', 'high 4 done', 'normal 1 done', 'normal 2 done', 'normal 3 done', 'low 0 done'],
    ]);
  });

  it('are refused when their time is over, and at once without one', async () => {
    for (const queueMs of [0, 300]) {
      const world = narrow(queueMs);
      void world.request(0, { ...ONE, latencyMs: 2_000 });
      await world.run(50);
      const second = world.request(0, ONE);
      let end: unknown;
      void second.then((value) => (end = value));
      await world.run(queueMs + 100);
      expect(end).toMatchObject({ reason: 'limit_reached' });
      await world.run(20_000);
    }
  });
});
