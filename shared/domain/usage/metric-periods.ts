import type { Granularity } from '../../contracts/metrics.ts';
import { calendarPeriod, type Period } from '../admission/calendar-period.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** For how long sums by hour are there for certain; of what is older only days (UTC) are left. */
export const HOURS_KEPT_MS = 395 * DAY_MS;

/** Sums of hours or of days (UTC) that begin from `start` up to `end` (epoch milliseconds), and the period they count to. */
export interface SumRange extends Period {
  readonly of: 'hour' | 'day';
  /** The start of the period; null: each hour is its own. */
  readonly period: number | null;
}

/** The whole periods that a range of times overlaps, in their order; with `granularity` null its hours as one period. */
export function periodsOf(range: {
  readonly from: number;
  readonly to: number;
  readonly granularity: Granularity | null;
  readonly timeZone: string;
}): Period[] {
  const { from, to, granularity, timeZone } = range;
  const first = floor(from, HOUR_MS);
  const last = -floor(-to, HOUR_MS);
  if (granularity === null) return first < last ? [{ start: first, end: last }] : [];
  const periods: Period[] = [];
  for (let at = from; at < to; ) {
    const start = floor(at, HOUR_MS);
    const period = granularity === 'hour' ? { start, end: start + HOUR_MS } : calendarPeriod(granularity, at, timeZone);
    periods.push(period);
    at = period.end;
  }
  return periods;
}

/**
 * Which sums make up periods: whole days (UTC) where a period has them, hours at its edges, and days alone where hours
 * are not kept any more. An hour belongs to the period in which it begins, and so does a day without hours.
 */
export function sumRangesOf(periods: readonly Period[], granularity: Granularity | null, now: number): SumRange[] {
  const [first, last] = [periods.at(0), periods.at(-1)];
  if (!first || !last) return [];
  if (granularity === 'hour') return [{ of: 'hour', period: null, start: first.start, end: last.end }];
  return periods.flatMap(({ start, end }) => {
    const range = (of: SumRange['of'], from: number, to: number) =>
      from < to ? [{ of, period: start, start: from, end: to }] : [];
    if (start < now - HOURS_KEPT_MS) return range('day', start, end);
    const [firstDay, lastDay] = [-floor(-start, DAY_MS), floor(end, DAY_MS)];
    if (firstDay >= lastDay) return range('hour', start, end);
    return [...range('hour', start, firstDay), ...range('day', firstDay, lastDay), ...range('hour', lastDay, end)];
  });
}

function floor(time: number, step: number): number {
  return Math.floor(time / step) * step || 0;
}
