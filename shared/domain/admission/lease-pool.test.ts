import { expect, it } from 'vitest';
import { rate, tenantWith } from '../../../test/harness/admission-tenant.ts';
import { LeasePool, PACE_MS } from './lease-pool.ts';
import { limitsOf } from './limit.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const limits = [...limitsOf(tenantWith({ rateLimits: [rate({ maxRequests: 100, maxTokens: 10_000 })] })).values()];
const MOST = { picoUsd: 50n, tokens: 20n };

/** A pool that was given the same of every limit. */
function poolWith(amount: bigint) {
  const pool = new LeasePool();
  const gauges = pool.gaugesOf(limits, NOW);
  const slices = gauges.map(({ limit, share }) => ({ limitId: limit.id, start: share.start, end: share.end, amount }));
  pool.accept(slices, NOW);
  return { pool, gauges };
}

it('draws from all limits or from none', () => {
  const { pool, gauges } = poolWith(70n);
  expect(pool.draw(gauges, MOST, NOW)?.map(({ amount }) => amount)).toEqual([1n, 20n, 50n]);
  const before = gauges.map(({ share }) => share.free);
  expect(pool.draw(gauges, MOST, NOW)).toBeNull();
  expect(gauges.map(({ share }) => share.free)).toEqual(before);
});

it('spends no more than was drawn, and has the rest for others again', () => {
  const { pool, gauges } = poolWith(50n);
  const draws = pool.draw(gauges, MOST, NOW) ?? [];
  pool.settle(draws, { picoUsd: 80n, tokens: 5n, isCounted: true });
  expect(gauges.map(({ share }) => [share.spent, share.free, share.held])).toEqual([
    [1n, 49n, 0n],
    [5n, 45n, 0n],
    [50n, 0n, 0n],
  ]);
});

it('draws nothing of a slot that is over, and gives back what was left of it', () => {
  const { pool, gauges } = poolWith(100n);
  const later = NOW + 60_000;
  expect(pool.draw(gauges, MOST, later)).toBeNull();
  const { statements } = pool.takeStatements(later, true);
  expect(statements.filter(({ released }) => released === 100n)).toHaveLength(3);
});

it('asks by its pace while it is busy, gives back what is far more, and gives all back when it is not', () => {
  const { pool, gauges } = poolWith(140n);
  pool.draw(gauges, MOST, NOW);
  const { topUps } = pool.takeStatements(NOW, true);
  expect(topUps.map(({ amount }) => amount)).toEqual([]);
  pool.draw(gauges, MOST, NOW + 1);
  const more = pool.takeStatements(NOW + 1, true).topUps.map(({ amount }) => amount);
  expect(more).toEqual([4n, 260n]);
  const { statements } = pool.takeStatements(NOW + 10 * PACE_MS, false);
  expect(statements.map(({ released }) => released)).toEqual([2n, 100n, 40n]);
  expect(gauges.every(({ share }) => share.free === 0n)).toBe(true);
});
