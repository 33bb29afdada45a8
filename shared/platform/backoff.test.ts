import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../test/harness/seeded-random.ts';
import { type BackoffOptions, backoffMs } from './backoff.ts';

const DRAWS = 10_000;
const [BASE_MS, CAP_MS] = [100, 2_000];
const limitAt = (retries: number) => Math.min(CAP_MS, BASE_MS * 2 ** retries);

type Backoff = (options: BackoffOptions) => number;

/** Delays of F13: which are out of their limits, and how far the mean is from half of the limit, as a share of it. */
function judge(backoff: Backoff, retries: number, retryAfterMs?: number): { outside: number; meanOff: number } {
  const random = seededRandom(retries + 1);
  const [least, limit] = [retryAfterMs ?? 0, limitAt(retries)];
  const delays = Array.from({ length: DRAWS }, () =>
    backoff({ retries, baseMs: BASE_MS, capMs: CAP_MS, random, retryAfterMs }),
  );
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / DRAWS - least;
  return {
    outside: delays.filter((delay) => delay < least || delay > least + limit).length,
    meanOff: Math.abs(mean / (limit / 2) - 1),
  };
}

describe('F13: 10,000 draws', () => {
  it.each([0, 1, 2, 3, 4, 5, 20, 2_000])('after %d retries are within the limit, half of it on average', (retries) => {
    const { outside, meanOff } = judge(backoffMs, retries);
    expect(outside).toBe(0);
    expect(meanOff).toBeLessThan(0.02);
  });

  it.each([0, 1, 60_000])('never undercut a Retry-After of %d ms, and still spread', (retryAfterMs) => {
    const { outside, meanOff } = judge(backoffMs, 3, retryAfterMs);
    expect(outside).toBe(0);
    expect(meanOff).toBeLessThan(0.02);
  });

  it.each<[string, Backoff, number | undefined]>([
    [
      'equal jitter',
      ({ random, ...options }) => backoffMs({ ...options, random: () => 0.5 + random() / 2 }),
      undefined,
    ],
    ['no jitter', (options) => backoffMs({ ...options, random: () => 1 }), undefined],
    ['no cap', (options) => backoffMs({ ...options, capMs: Number.POSITIVE_INFINITY }), undefined],
    ['no regard for Retry-After', ({ retryAfterMs: _, ...options }) => backoffMs(options), 60_000],
  ])('control: %s is found out', (_, backoff, retryAfterMs) => {
    const { outside, meanOff } = judge(backoff, 5, retryAfterMs);
    expect(outside > 0 || meanOff > 0.02).toBe(true);
  });
});
