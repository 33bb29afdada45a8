export interface BackoffOptions {
  /** How many attempts have failed before: 0 after the first. */
  readonly retries: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** What the other side asked to wait, where it did. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * How long to wait before the next attempt: full jitter, a draw from 0 up to a limit that doubles with each retry until
 * the cap (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). What the other side asked to wait
 * is waited in full, and the draw comes on top: those who were told the same moment do not return at the same moment.
 */
export function backoffMs({ retries, baseMs, capMs, random, retryAfterMs = 0 }: BackoffOptions): number {
  return retryAfterMs + random() * Math.min(capMs, baseMs * 2 ** retries);
}
