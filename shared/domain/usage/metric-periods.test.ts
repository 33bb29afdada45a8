import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRANULARITIES } from '../../contracts/metrics.ts';
import { HOURS_KEPT_MS, periodsOf, sumRangesOf } from './metric-periods.ts';

const at = (text: string) => Date.parse(text);
const iso = (time: number) => new Date(time).toISOString().replace(':00.000Z', 'Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('periodsOf', () => {
  it.each([
    ['hour', 'UTC', ['2026-03-28T22:00Z', '2026-03-28T23:00Z', '2026-03-29T00:00Z', '2026-03-29T01:00Z']],
    ['day', 'UTC', ['2026-03-28T00:00Z', '2026-03-29T00:00Z', '2026-03-30T00:00Z']],
    ['day', 'Europe/Berlin', ['2026-03-27T23:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z']],
    ['month', 'America/New_York', ['2026-03-01T05:00Z', '2026-04-01T04:00Z']],
    [null, 'UTC', ['2026-03-28T22:00Z', '2026-03-29T01:00Z']],
  ] as const)('by %s in %s are whole', (granularity, timeZone, bounds) => {
    const periods = periodsOf({ from: at('2026-03-28T22:10Z'), to: at('2026-03-29T01:00Z'), granularity, timeZone });
    expect([...periods.map(({ start }) => iso(start)), iso(periods.at(-1)?.end ?? 0)]).toEqual(bounds);
  });

  it('are none of a range without length', () => {
    expect(periodsOf({ from: DAY, to: DAY, granularity: 'day', timeZone: 'UTC' })).toEqual([]);
  });
});

describe('sumRangesOf', () => {
  const now = at('2026-11-22T00:00Z');

  it('takes days where it can and hours at the edges', () => {
    const range = { from: at('2026-05-02T00:00Z'), to: at('2026-05-03T00:00Z'), timeZone: 'Europe/Berlin' };
    const ranges = sumRangesOf(periodsOf({ ...range, granularity: 'month' }), 'month', now);
    expect(ranges.map(({ of, start, end }) => [of, iso(start), iso(end)])).toEqual([
      ['hour', '2026-04-30T22:00Z', '2026-05-01T00:00Z'],
      ['day', '2026-05-01T00:00Z', '2026-05-31T00:00Z'],
      ['hour', '2026-05-31T00:00Z', '2026-05-31T22:00Z'],
    ]);
  });

  it('counts every hour of the periods once, in the period in which it begins', () => {
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Pacific/Auckland');
    const hours = fc.integer({ min: 0, max: 9_000 });
    fc.assert(
      fc.property(fc.constantFrom(...GRANULARITIES), zone, hours, hours, (granularity, timeZone, ago, length) => {
        const from = now - ago * HOUR - 1;
        const periods = periodsOf({ from, to: from + length * HOUR, granularity, timeZone });
        const counted = sumRangesOf(periods, granularity, now).flatMap(({ of, period, start, end }) => {
          const step = of === 'day' ? DAY : HOUR;
          const first = Math.ceil(start / step) * step;
          const sums = Math.max(0, Math.ceil((end - first) / step));
          return Array.from({ length: sums * (step / HOUR) }, (_, hour) => [first + hour * HOUR, period] as const);
        });
        const expected = periods.flatMap(({ start, end }) => {
          const first = Math.ceil(start / HOUR) * HOUR;
          const count = Math.max(0, Math.ceil((end - first) / HOUR));
          const period = granularity === 'hour' ? null : start;
          return Array.from({ length: count }, (_, hour) => [first + hour * HOUR, period] as const);
        });
        expect(counted).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('takes days alone where hours are not kept', () => {
    const start = now - HOURS_KEPT_MS - DAY;
    const ranges = sumRangesOf([{ start: start + HOUR, end: start + DAY + HOUR }], 'day', now);
    expect(ranges).toMatchObject([{ of: 'day', start: start + HOUR }]);
  });
});
