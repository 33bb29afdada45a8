import { backoffMs } from './backoff.ts';

interface RetryOptions {
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
  readonly isRetryable?: (error: unknown) => boolean;
  /** What the error says of when to come back; never undercut. */
  readonly retryAfterMs?: (error: unknown) => number | undefined;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly random?: () => number;
}

/** Runs `work` until it succeeds or its attempts are used up, pausing with full jitter; rejects with the last error. */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, baseMs, capMs, isRetryable = () => true, sleep = pause, random = Math.random } = options;
  for (let retries = 0; ; retries++) {
    try {
      return await work();
    } catch (error) {
      if (retries + 1 >= attempts || !isRetryable(error)) throw error;
      await sleep(backoffMs({ retries, baseMs, capMs, random, retryAfterMs: options.retryAfterMs?.(error) }));
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
