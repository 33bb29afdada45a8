import { describe, expect, it } from 'vitest';
import { BUDGET, budget, holdOf, RATE, rate, tenantWith, USD } from '../../../test/harness/admission-tenant.ts';
import { recordText } from '../../../test/harness/admission-world.ts';
import { BookPlayer, endOf, type Held, leaseIdOf } from '../../../test/harness/book-player.ts';
import { LEASE_TTL_MS } from './admission-book.ts';
import { ALL_MONEY } from './limit.ts';
import { requestIdOf } from './request-ids.ts';

const MONEY = `${BUDGET}:picoUsd`;
const LEASE = leaseIdOf(1);
const ofMoney = (change = {}) => new BookPlayer(tenantWith({ budgets: [budget(change)] }));
const ofRate = (change: Parameters<typeof rate>[0]) => new BookPlayer(tenantWith({ rateLimits: [rate(change)] }));

function granted(player: BookPlayer, picoUsd: bigint, leaseId = LEASE): Held {
  const { held, decision } = player.hold(picoUsd, leaseId);
  if (!held) throw new Error(`not granted: ${decision.kind}`);
  return held;
}

const slicesOf = (amount: bigint) => [MONEY, ALL_MONEY.id].map((limitId) => ({ limitId, start: 0, amount, least: 1n }));

describe('a limit', () => {
  it('is granted to its last unit, and not one more', () => {
    const player = ofMoney();
    granted(player, 100n * USD - 1n);
    expect(player.hold(2n).decision).toMatchObject({ refusal: { reason: 'limit_reached', asked: 2n } });
    granted(player, 1n);
    expect(player.hold(1n).held).toBeNull();
  });

  it('tells spent, held and leased apart', () => {
    const player = ofMoney();
    player.settle(granted(player, 10n * USD), 4n * USD);
    granted(player, 20n * USD);
    player.sync(leaseIdOf(2), { topUps: slicesOf(USD), permits: 4, pattern: holdOf('', 1n) });
    expect(player.status()).toMatchObject({ spent: 4n * USD, held: 20n * USD, leased: USD, remaining: 75n * USD });
  });

  it.each(['requests', 'tokens', 'concurrent'])('counts %s', (unit) => {
    const cap = unit === 'tokens' ? 200 : 2;
    const player = ofRate({ [`max${unit[0]?.toUpperCase()}${unit.slice(1)}`]: cap });
    const first = granted(player, 0n);
    granted(player, 0n);
    const { decision } = player.hold(0n);
    expect(decision).toMatchObject({ refusal: { reason: 'limit_reached', limit: { limitId: `${RATE}:${unit}` } } });
    player.settle(first, 0n);
    expect(player.hold(0n).held === null).toBe(unit !== 'concurrent');
  });

  it('has only the requests of its scope, and all limits must have room', () => {
    const scope = { model: 'small' };
    const narrow = budget({ id: RATE, name: 'small', amountPicoUsd: '5', scope });
    const player = new BookPlayer(tenantWith({ budgets: [budget({ amountPicoUsd: '100' }), narrow] }));
    const small = { model: 'small' };
    expect(player.hold(6n, LEASE, requestIdOf(LEASE, 90), small).decision).toMatchObject({
      refusal: { limit: { name: 'small' } },
    });
    granted(player, 96n);
    expect(player.hold(5n, LEASE, requestIdOf(LEASE, 91), small).decision).toMatchObject({
      refusal: { limit: { name: 'all' } },
    });
    expect(player.status(1)).toMatchObject({ held: 0n, spent: 0n });
  });

  it('without a hard stop refuses nothing and tells all the same', () => {
    const player = ofMoney({ amountPicoUsd: '100', hardStop: false });
    player.settle(granted(player, 1_000n), 1_000n);
    granted(player, 1_000n);
    expect(player.events().filter(({ threshold }) => threshold)).toHaveLength(4);
  });

  it('with a hard stop refuses what has no price', () => {
    const { decision } = ofMoney().hold(0n, LEASE, requestIdOf(LEASE, 0), { isPriced: false });
    expect(decision).toMatchObject({ refusal: { reason: 'unpriced_under_budget' } });
  });

  it('of the plan counts by calendar month in the tenant’s time zone', () => {
    const player = new BookPlayer(tenantWith({ quota: { maxRequests: 1 }, timeZone: 'Europe/Berlin' }));
    player.now = Date.parse('2026-11-30T22:59:59.999Z');
    granted(player, 0n);
    expect(player.hold(0n).decision).toMatchObject({ refusal: { limit: { kind: 'quota' }, retryAfterMs: 1 } });
    player.now += 1;
    granted(player, 0n);
  });

  it.each([
    ['Pacific/Kiritimati', 'month'],
    ['America/Los_Angeles', 'month'],
    ['America/Los_Angeles', 'week'],
    ['Europe/Berlin', 'day'],
  ] as const)('goes on by the clock of %s, in the %s that it has begun to count', (timeZone, period) => {
    const ofQuota = { quota: { maxRequests: 1 }, budgets: [budget({ period, amountPicoUsd: '2' })] };
    const player = new BookPlayer(tenantWith(ofQuota));
    player.settle(granted(player, 2n), 2n);
    player.snapshot = tenantWith({ ...ofQuota, configVersion: 2, timeZone });
    expect(player.hold(0n).held).toBeNull();
    player.snapshot = tenantWith({ ...ofQuota, quota: null, configVersion: 3, timeZone });
    expect(player.hold(1n).held).toBeNull();
    expect(player.status()).toMatchObject({ spent: 2n, remaining: 0n, thresholdsReached: [50, 80, 95, 100] });
    player.configure();
    expect(player.events().filter(({ threshold }) => threshold)).toHaveLength(4);
    player.snapshot = tenantWith({ ...ofQuota, configVersion: 4 });
    expect(player.hold(0n).held).toBeNull();
    player.now += 32 * 86_400_000;
    granted(player, 2n);
  });

  it('of the plan is the same when the clock was moved into the next month and back', () => {
    const by = (timeZone: string, configVersion: number) =>
      tenantWith({ quota: { maxRequests: 1 }, timeZone, configVersion });
    const player = new BookPlayer(by('UTC', 1));
    player.now = Date.parse('2026-11-30T20:00:00Z');
    player.settle(granted(player, 0n), 0n);
    player.snapshot = by('Pacific/Kiritimati', 2);
    player.settle(granted(player, 0n), 0n);
    player.snapshot = by('UTC', 3);
    player.rebuild();
    expect(player.hold(0n).held).toBeNull();
    player.now = Date.parse('2026-12-01T00:00:00Z');
    expect(player.hold(0n).held).toBeNull();
    player.now = Date.parse('2027-01-01T00:00:00Z');
    player.settle(granted(player, 0n), 0n);
    expect([...player.store.counters.keys()].filter((name) => name.startsWith('plan'))).toHaveLength(2);
  });

  it('goes on when its strategy is changed to a bucket', () => {
    const player = ofRate({ maxRequests: 3 });
    granted(player, 0n);
    player.snapshot = tenantWith({
      configVersion: 2,
      rateLimits: [rate({ maxRequests: 3, strategy: 'token-bucket' })],
    });
    granted(player, 0n);
  });
});

it('a refusal names the limit that has room last, so that its wait is no vain one', () => {
  const refusedBy = (change: Parameters<typeof tenantWith>[0]) => {
    const second = rate({ windowSeconds: 1, maxRequests: 1, maxConcurrent: 1, queueMs: 1_000 });
    const player = new BookPlayer(tenantWith({ ...change, rateLimits: [second, ...(change.rateLimits ?? [])] }));
    granted(player, 1n);
    return player.hold(1n).decision;
  };
  const day = rate({ id: BUDGET, name: 'a day', windowSeconds: 86_400, maxRequests: 1 });
  expect(refusedBy({ rateLimits: [day] })).toMatchObject({
    refusal: { limit: { name: 'a day' }, retryAfterMs: 43_200_000, queueMs: 0 },
  });
  expect(refusedBy({ budgets: [budget({ amountPicoUsd: '1' })], rateLimits: [day] })).toMatchObject({
    refusal: { limit: { kind: 'budget' }, retryAfterMs: null },
  });
  // Control: alone, it is the places that a request waits for.
  expect(refusedBy({})).toMatchObject({ refusal: { limit: { unit: 'concurrent' }, queueMs: 1_000 } });
});

it('a bucket that was refilled while a request runs has spent nothing, and not less', () => {
  const player = ofRate({ maxTokens: 200, strategy: 'token-bucket' });
  granted(player, 0n);
  expect(player.status()).toMatchObject({ spent: 0n, held: 100n, remaining: 100n });
  player.now += 60_000;
  expect(player.status()).toMatchObject({ spent: 0n, held: 100n, remaining: 200n });
});

describe('thresholds', () => {
  it('are told of once in a period, each by its own event', () => {
    const player = ofMoney({ amountPicoUsd: '100', period: 'day' });
    const reached = () => player.events().flatMap(({ threshold }) => threshold ?? []);
    player.settle(granted(player, 79n), 79n);
    expect(reached()).toEqual([50]);
    player.rebuild();
    player.settle(granted(player, 21n), 21n);
    expect(reached()).toEqual([50, 80, 95, 100]);
    player.now += 86_400_000;
    player.settle(granted(player, 60n), 60n);
    expect(reached()).toEqual([50, 80, 95, 100, 50]);
  });

  it('that a smaller budget has reached already are told of when it is made smaller, once', () => {
    const player = ofMoney({ amountPicoUsd: '100' });
    const reached = () => player.events().flatMap(({ threshold }) => threshold ?? []);
    player.settle(granted(player, 60n), 60n);
    player.snapshot = tenantWith({ configVersion: 2, budgets: [budget({ amountPicoUsd: '50' })] });
    for (let times = 0; times < 2; times++) player.configure();
    expect(reached()).toEqual([50, 80, 95, 100]);
    player.rebuild();
    expect(player.status().thresholdsReached).toEqual([50, 80, 95, 100]);
  });

  it('of a budget that is raised are reached by its new amount, and not told of again', () => {
    const player = ofMoney({ amountPicoUsd: '100' });
    const reached = () => player.events().flatMap(({ threshold }) => threshold ?? []);
    const raise = (change: Parameters<typeof budget>[0], configVersion: number) => {
      player.snapshot = tenantWith({ configVersion, budgets: [budget({ amountPicoUsd: '200', ...change })] });
      player.configure();
    };
    player.settle(granted(player, 80n), 80n);
    expect(reached()).toEqual([50, 80]);
    raise({}, 2);
    player.settle(granted(player, 109n), 109n);
    expect(reached()).toEqual([50, 80]); // 94.5 % of the new amount
    player.settle(granted(player, 1n), 1n);
    expect(reached()).toEqual([50, 80, 95]);
    raise({ thresholds: [81] }, 3);
    expect(reached()).toEqual([50, 80, 95, 81]);
  });

  it('of a period that is over are not told of again by a late settlement', () => {
    const player = ofMoney({ amountPicoUsd: '100', period: 'day' });
    player.now = Date.parse('2026-11-22T23:59:30Z');
    const late = granted(player, 60n);
    player.expireAfter(LEASE_TTL_MS);
    player.now += 60_000;
    player.settle(granted(player, 1n, leaseIdOf(2)), 1n);
    const before = player.events().filter(({ threshold }) => threshold).length;
    player.sync(LEASE, { statements: [{ ...endOf(late.draws, 0n)[0], spent: 200n, released: 0n, held: 0n }] as never });
    expect(player.events().filter(({ threshold }) => threshold)).toHaveLength(before);
  });
});

describe('a call', () => {
  it('that comes again is answered the same and changes nothing', () => {
    const player = ofMoney();
    const held = granted(player, USD);
    const command = {
      ...{ sequence: 1, topUps: slicesOf(USD), permits: 4, pattern: holdOf('', 1n), statements: endOf(held.draws, 5n) },
      settledIds: [held.requestId],
    };
    const first = player.sync(LEASE, command);
    const before = player.book.totals(MONEY);
    expect(player.sync(LEASE, command)).toEqual(first);
    player.rebuild();
    expect(player.sync(LEASE, command)).toEqual(first);
    expect(player.book.totals(MONEY)).toEqual(before);
    expect(player.hold(USD, LEASE, held.requestId).decision.kind).toBe('granted');
  });

  it('for a hold that was granted is granted again, though the configuration has changed since', () => {
    const player = ofMoney();
    const { requestId } = granted(player, USD);
    player.snapshot = { ...player.snapshot, configVersion: 2 };
    const request = { leaseId: LEASE, hold: holdOf(requestId, USD), knownConfigVersion: 1 };
    expect(player.book.hold(player.snapshot, request, player.now).decision.kind).toBe('granted');
  });

  it('for a hold that was overtaken by the end of its request sets nothing aside', () => {
    const player = ofMoney();
    const requestId = requestIdOf(LEASE, 7);
    player.cancel({ requestId, leaseId: LEASE });
    expect(player.hold(USD, LEASE, requestId).decision.kind).toBe('stale');
    expect(player.status()).toMatchObject({ held: 0n });
  });
});

describe('a lease whose isolate is silent', () => {
  it('counts what it holds and what it may have begun as spent, in records of the same sum', () => {
    const player = ofMoney();
    const pattern = holdOf('', 1n);
    player.sync(LEASE, { topUps: slicesOf(10n), permits: 3, pattern, indexThrough: 1 });
    // One of the three asked: it is told of by its hold, and not again as one that may have begun.
    const asked = player.hold(USD, LEASE, requestIdOf(LEASE, 2)).held;
    player.expireAfter(LEASE_TTL_MS);
    const records = player.events();
    expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(records.length);
    expect(records).toHaveLength(3);
    const sum = records.reduce((all, { costPicoUsd }) => all + BigInt(costPicoUsd), 0n);
    expect(player.book.totals(MONEY)).toEqual({ spent: sum, out: 0n });
    expect(sum).toBe(USD + 10n);
    if (!asked) throw new Error('refused');
    player.settle(asked, 3n);
    player.sync(LEASE, { statements: endOf(slices(10n), 0n), isIdle: true });
    expect(player.book.totals(MONEY)).toEqual({ spent: 3n, out: 0n });
  });

  it('that spoke before it knew, has what it began since billed at what it told of it', () => {
    const player = ofMoney();
    player.sync(LEASE, { topUps: slicesOf(10n), permits: 3, pattern: holdOf('', 1n) });
    player.expireAfter(LEASE_TTL_MS);
    // Late, and as it was when it was sent: nothing ran. Requests 0 and 1 began behind it, by what the lease still had.
    player.sync(LEASE, { isIdle: true });
    const events = [0, 1].map((index) => recordText(holdOf(requestIdOf(LEASE, index), 0n), 4n, 1));
    const statements = endOf(slices(10n), 8n);
    player.sync(LEASE, { events, statements, indexThrough: 2, isIdle: true, isOver: true });
    const last = new Map(
      player.events().map(({ requestId, status, costPicoUsd }) => [requestId, [status, costPicoUsd]]),
    );
    expect([0, 1, 2].map((index) => last.get(requestIdOf(LEASE, index)))).toEqual([
      ['completed', '4'],
      ['completed', '4'],
      ['canceled', '0'],
    ]);
    expect(
      player
        .events()
        .slice(-3)
        .every(({ revision }) => revision === 2),
    ).toBe(true);
    expect(player.book.totals(MONEY)).toEqual({ spent: 8n, out: 0n });
  });

  it('that comes back with a request still running has that one counted until its end', () => {
    const player = ofMoney();
    const running = granted(player, 40n);
    player.sync(LEASE, { topUps: slicesOf(60n), statements: running.draws.map((draw) => told(draw, 40n)) });
    player.expireAfter(LEASE_TTL_MS);
    expect(player.book.totals(MONEY)).toEqual({ spent: 40n, out: 0n });
    player.sync(LEASE, { statements: slices(60n).map((slice) => ({ ...told(slice, 40n), released: 60n })) });
    expect(player.book.totals(MONEY)).toEqual({ spent: 40n, out: 0n });
    player.settle(running, 30n);
    expect(player.book.totals(MONEY)).toEqual({ spent: 30n, out: 0n });
  });

  it('gives back what nobody can have begun on, and is forgotten in the end', () => {
    const player = ofMoney();
    player.sync(LEASE, { topUps: slicesOf(USD) });
    player.expireAfter(LEASE_TTL_MS);
    expect(player.book.totals(MONEY)).toEqual({ spent: 0n, out: 0n });
    player.expireAfter(3_600_000);
    expect(player.store.leases.size).toBe(0);
  });
});

const slices = (amount: bigint) =>
  [MONEY, ALL_MONEY.id].map((limitId) => ({ limitId, start: 0, end: Number.POSITIVE_INFINITY, amount }));
const told = ({ limitId, start }: { limitId: string; start: number }, held: bigint) => {
  return { limitId, start, spent: 0n, released: 0n, held };
};
