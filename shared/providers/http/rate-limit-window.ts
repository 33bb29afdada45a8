import type { RateLimitWindow } from '../contract.ts';

interface HeaderNames {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** One window of an account's limits, from the headers of these names. Null when the response has none of them. */
export function readWindow(headers: Headers, names: HeaderNames, now: number): RateLimitWindow | null {
  const limit = readCount(headers.get(names.limit));
  const remaining = readCount(headers.get(names.remaining));
  const resetAt = readReset(headers.get(names.reset) ?? '', now);
  return limit === null && remaining === null && resetAt === null ? null : { limit, remaining, resetAt };
}

function readCount(value: string | null): number | null {
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

/** An RFC 3339 time (Anthropic), a duration such as `6m0s` or `20ms` (OpenAI), or seconds. */
function readReset(value: string, now: number): number | null {
  if (/^\d{1,9}(\.\d+)?$/.test(value)) return now + Math.ceil(Number(value) * 1_000);
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return Date.parse(value) || null;
  if (!/^(\d{1,9}(\.\d+)?(h|ms|m|s))+$/.test(value)) return null;
  let wait = 0;
  for (const [, count, unit = ''] of value.matchAll(/([\d.]+)(h|ms|m|s)/g))
    wait += Number(count) * (MS_PER_UNIT[unit] ?? 0);
  return now + Math.ceil(wait);
}
