import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarPeriod } from './calendar-period.ts';

const at = (time: number) => new Date(time).toISOString();

it.each([
  ['day', 'UTC', '2026-11-18T23:59:59.999Z', '2026-11-18T00:00:00.000Z', '2026-11-19T00:00:00.000Z'],
  ['week', 'UTC', '2026-11-18T12:00:00.000Z', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
  ['week', 'UTC', '2026-11-22T23:00:00.000Z', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
  ['week', 'UTC', '2026-11-16T00:00:00.000Z', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
  ['month', 'UTC', '2026-02-28T12:00:00.000Z', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
  ['month', 'UTC', '2026-12-31T12:00:00.000Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['month', 'Europe/Berlin', '2026-06-30T22:00:00.000Z', '2026-06-30T22:00:00.000Z', '2026-07-31T22:00:00.000Z'],
  ['month', 'Europe/Berlin', '2026-10-31T22:59:59.000Z', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
  ['day', 'America/New_York', '2026-11-01T12:00:00.000Z', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
  ['day', 'Asia/Kolkata', '2026-11-18T18:29:59.999Z', '2026-11-17T18:30:00.000Z', '2026-11-18T18:30:00.000Z'],
] as const)('a %s in %s at %s is from %s to %s', (period, timeZone, now, start, end) => {
  const { start: from, end: to } = calendarPeriod(period, Date.parse(now), timeZone);
  expect([at(from), at(to)]).toEqual([start, end]);
});

it('is one period for ever where it is the total that counts', () => {
  expect(calendarPeriod('total', Date.now(), 'Asia/Tokyo')).toEqual({ start: 0, end: Number.POSITIVE_INFINITY });
});

describe('in every time zone', () => {
  const moment = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2032, 0) });
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
  const period = fc.constantFrom('day', 'week', 'month');

  it('a moment lies in its period, and the period is that of its own ends', () => {
    fc.assert(
      fc.property(period, moment, zone, (of, now, timeZone) => {
        const { start, end } = calendarPeriod(of, now, timeZone);
        expect(start <= now && now < end).toBe(true);
        expect(calendarPeriod(of, start, timeZone)).toEqual({ start, end });
        expect(calendarPeriod(of, end - 1, timeZone)).toEqual({ start, end });
        expect(calendarPeriod(of, end, timeZone).start).toBe(end);
      }),
      { numRuns: 3_000 },
    );
  });
});
