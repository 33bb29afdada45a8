import { expect, it } from 'vitest';
import { lanesOf } from './lanes.ts';
import { boundsOf, hourBounds, loadDays } from './traffic-shape.ts';

const OPTIONS = { requests: 10_000_019, tenants: 200, seed: 1, until: Date.parse('2026-11-22T00:00:00Z'), days: 365 };
const MODEL = { provider: 'openai', model: 'a', input: '1', cachedInput: '1', output: '1' };

it('gives every request a day, and each day the numbers after those of the day before', () => {
  const days = loadDays(OPTIONS);
  expect(days).toHaveLength(365);
  expect(days.at(0)?.first).toBe(0);
  expect(days.at(-1)?.end).toBe(OPTIONS.requests);
  expect(days.slice(1).map(({ first }) => first)).toEqual(days.slice(0, -1).map(({ end }) => end));
  expect(new Date(days.at(-1)?.start ?? 0).toISOString()).toBe('2026-11-21T00:00:00.000Z');
});

it('has bounds in order, from 0 to below 1', () => {
  for (const bounds of [hourBounds(), boundsOf([3, 1, 2])]) {
    expect(bounds[0]).toBe(0);
    expect(bounds).toEqual(bounds.toSorted((one, other) => one - other));
    expect(bounds.at(-1)).toBeLessThan(1);
  }
});

it('makes the same tenants of the same seed, and others of another', () => {
  expect(lanesOf(OPTIONS, [MODEL])).toEqual(lanesOf(OPTIONS, [MODEL]));
  const ids = (seed: number) => new Set(lanesOf({ ...OPTIONS, seed }, [MODEL]).map(({ tenantId }) => tenantId));
  expect(ids(1).size).toBe(200);
  expect([...ids(1)].filter((id) => ids(2).has(id))).toEqual([]);
});
