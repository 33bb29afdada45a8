const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses behind each attempt but the last, at least: a receiver that is down for a day is sent what it missed. */
export const DELIVERY_PAUSES_MS: readonly number[] = [
  ...[30 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS],
  ...[2 * HOUR_MS, 5 * HOUR_MS, 8 * HOUR_MS, 12 * HOUR_MS],
];

/** Attempts at one delivery. */
export const MOST_DELIVERY_ATTEMPTS: number = DELIVERY_PAUSES_MS.length + 1;

/** Longest pause that a receiver may ask for. */
const LONGEST_ASKED_MS = 24 * HOUR_MS;

/** Share of a pause that is drawn on top of it, so that what failed together does not come back together. */
const JITTER = 0.2;

/** An attempt that came to nothing. */
export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number;
  /** What was answered; null where nothing was. */
  readonly responseCode: number | null;
  readonly retryAfterMs?: number | undefined;
}

/**
 * How long to wait behind an attempt that came to nothing; null: there is no other one, because there were enough, or the
 * receiver said that there is nobody any more (410). What the receiver asks to wait is never undercut, up to a day. `random`
 * is from 0 to below 1.
 */
export function nextTryMs({ attempt, responseCode, retryAfterMs = 0 }: FailedAttempt, random: number): number | null {
  const pauseMs = DELIVERY_PAUSES_MS[attempt - 1];
  if (pauseMs === undefined || responseCode === GONE) return null;
  const leastMs = Math.max(pauseMs, Math.min(retryAfterMs, LONGEST_ASKED_MS));
  return Math.ceil(leastMs + random * JITTER * pauseMs);
}

const GONE = 410;

/**
 * If a receiver is to be left alone with what else there is for it: it did not answer at all, or asked for a pause. Any
 * other answer speaks of the one message alone.
 */
export function asksForRest({ responseCode, retryAfterMs }: FailedAttempt): boolean {
  return responseCode === null || responseCode === 429 || responseCode === 503 || retryAfterMs !== undefined;
}
