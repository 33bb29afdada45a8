import { DAY_MS, type LoadOptions } from './load-options.ts';

/** Requests in each hour of a day (UTC), relative to each other: people work, machines never quite stop. */
const HOURS = [2, 2, 2, 2, 2, 3, 5, 9, 14, 17, 18, 17, 14, 16, 18, 17, 15, 11, 7, 5, 4, 3, 3, 2];
const WEEKEND = 0.35;
/** How much busier the last day is than the first. */
const GROWTH = 1.5;

/** One day of the year, and the numbers, `first` up to and without `end`, of its requests. */
export interface LoadDay {
  readonly start: number;
  readonly first: number;
  readonly end: number;
}

/** The year's days with their shares of all requests, which sum to the whole. */
export function loadDays({ requests, until, days }: LoadOptions): LoadDay[] {
  const starts = Array.from({ length: days }, (_, day) => until - (days - day) * DAY_MS);
  const sums = runningSums(starts.map((start, day) => weightOf(start) * (1 + (GROWTH * day) / days)));
  const total = sums.at(-1) ?? 1;
  const ends = sums.map((sum) => Math.round((requests * sum) / total));
  return starts.map((start, day) => ({ start, first: ends[day - 1] ?? 0, end: ends[day] ?? 0 }));
}

/** Where the hours of a day begin, as shares of its requests: 24 bounds from 0. */
export function hourBounds(): number[] {
  return boundsOf(HOURS);
}

/** Where each weight begins in the running sum, as a share of the whole. */
export function boundsOf(weights: readonly number[]): number[] {
  const sums = runningSums(weights);
  const total = sums.at(-1) ?? 1;
  return weights.map((_, at) => (at === 0 ? 0 : (sums[at - 1] ?? 0) / total));
}

function weightOf(day: number): number {
  const weekday = new Date(day).getUTCDay();
  return weekday === 0 || weekday === 6 ? WEEKEND : 1;
}

function runningSums(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum;
  });
}
