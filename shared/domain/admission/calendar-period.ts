import type { SnapshotBudget } from '../../contracts/tenant-snapshot.ts';

const DAY_MS = 86_400_000;

/** From its first millisecond, in epoch milliseconds, up to but not including `end`. */
export interface Period {
  readonly start: number;
  readonly end: number;
}

/** The one period of what never starts anew. */
const FOR_EVER: Period = { start: 0, end: Number.POSITIVE_INFINITY };

/**
 * The calendar period that `now` lies in, by the clock of an IANA time zone. Weeks start on Monday. `total` is one period
 * without an end. Where a zone's clock skips midnight, the day begins when the clock next shows that date.
 */
export function calendarPeriod(period: SnapshotBudget['period'], now: number, timeZone: string): Period {
  if (period === 'total') return FOR_EVER;
  const local = new Date(now + zoneOffset(timeZone, now));
  const [year, month, day] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  switch (period) {
    case 'day':
      return between(year, month, day, 1);
    case 'week':
      return between(year, month, day - ((local.getUTCDay() + 6) % 7), 7);
    case 'month':
      return {
        start: startOfDay(Date.UTC(year, month), timeZone),
        end: startOfDay(Date.UTC(year, month + 1), timeZone),
      };
  }

  function between(ofYear: number, ofMonth: number, fromDay: number, days: number): Period {
    const first = Date.UTC(ofYear, ofMonth, fromDay);
    return { start: startOfDay(first, timeZone), end: startOfDay(first + days * DAY_MS, timeZone) };
  }
}

/** When the clock first shows a date. `midnight` is that date's midnight as if in UTC. */
function startOfDay(midnight: number, timeZone: string): number {
  const before = midnight - zoneOffset(timeZone, midnight - DAY_MS);
  const after = midnight - zoneOffset(timeZone, midnight + DAY_MS);
  const [early, late] = before < after ? [before, after] : [after, before];
  return early + zoneOffset(timeZone, early) >= midnight ? early : late;
}

/** How far the zone's clock is ahead of UTC, in milliseconds. */
export function zoneOffset(timeZone: string, at: number): number {
  if (timeZone === 'UTC') return 0;
  const parts = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, second } = parts;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return local - Math.floor(at / 1000) * 1000;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const numeric = 'numeric';
  const fields = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const;
  const formatter = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields });
  formatters.set(timeZone, formatter);
  return formatter;
}
