/** How long before a request its lease may have been given, and so how much older than the request its id may be. */
export const LEASE_AGE_SLACK_MS = 86_400_000;

/** How far the clock that gave a lease may be ahead of the one that timed the request. */
export const CLOCK_SKEW_MS = 3_600_000;

/** A UUID's first 48 bits, in hexadecimal digits. */
const TIME_DIGITS = 12;

/**
 * The lowest request id of a millisecond (epoch, 0 to 2^48 - 1): ids begin with the time of their lease, as UUIDs of
 * version 7 do, so that a range of times is a range of ids. It is a bound, not the id of a request.
 */
export function firstIdAt(milliseconds: number): string {
  const digits = Math.trunc(milliseconds).toString(16).padStart(TIME_DIGITS, '0');
  if (!/^[0-9a-f]{12}$/.test(digits)) throw new RangeError(`${milliseconds} is no time of an id`);
  return `${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000`;
}

/** The time (epoch milliseconds) that an id begins with. What it answers for a random id means nothing. */
export function idTimeOf(id: string): number {
  return Number.parseInt(id.replace('-', '').slice(0, TIME_DIGITS), 16);
}

/**
 * The ids, from `first` up to and without `end`, that requests made in [`from`, `to`) can have. It narrows a query by time
 * to few partitions, and replaces no condition on the time itself. Random ids, which no lease gives, fall outside.
 */
export function idRangeOf(from: number, to: number): { readonly first: string; readonly end: string } {
  return { first: firstIdAt(Math.max(0, from - LEASE_AGE_SLACK_MS)), end: firstIdAt(to + CLOCK_SKEW_MS) };
}
