import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../test/harness/seeded-random.ts';
import { asksForRest, DELIVERY_PAUSES_MS, MOST_DELIVERY_ATTEMPTS, nextTryMs } from './next-try.ts';

const HOUR_MS = 3_600_000;
const DRAWS = 10_000;
const ATTEMPTS = Array.from({ length: MOST_DELIVERY_ATTEMPTS }, (_, at) => at + 1);

/** All pauses of a delivery that is answered the same each time. */
const pauses = (responseCode: number | null, random: () => number) =>
  ATTEMPTS.map((attempt) => nextTryMs({ attempt, responseCode }, random()));

describe('W4: the pauses between attempts', () => {
  it('spread at least eight attempts over at least 27 hours, by the shortest draws too', () => {
    expect(MOST_DELIVERY_ATTEMPTS).toBeGreaterThanOrEqual(8);
    const least = pauses(500, () => 0);
    expect(least.at(-1)).toBeNull();
    expect(least.reduce<number>((sum, pause) => sum + (pause ?? 0), 0)).toBeGreaterThanOrEqual(27 * HOUR_MS);
  });

  it(`are drawn: ${DRAWS} of each lie within their bounds and fill them`, () => {
    const random = seededRandom(4);
    for (const [at, pause] of DELIVERY_PAUSES_MS.entries()) {
      const drawn = Array.from(
        { length: DRAWS },
        () => nextTryMs({ attempt: at + 1, responseCode: 500 }, random()) ?? 0,
      );
      const [least, most] = [Math.min(...drawn), Math.max(...drawn)];
      expect(least).toBeGreaterThanOrEqual(pause);
      expect(most).toBeLessThanOrEqual(1.2 * pause + 1);
      expect(most - least).toBeGreaterThan(0.19 * pause); // control: without jitter this is 0
    }
  });

  it('never undercut what the receiver asks for, up to a day', () => {
    const asked = (retryAfterMs: number) => nextTryMs({ attempt: 1, responseCode: 429, retryAfterMs }, 0) ?? 0;
    expect(asked(7_200_000)).toBe(7_200_000);
    expect(asked(1)).toBe(DELIVERY_PAUSES_MS[0]);
    expect(asked(365 * 24 * HOUR_MS)).toBe(24 * HOUR_MS);
  });

  it('end at once where there is nobody any more', () => {
    expect(pauses(410, () => 0)).toEqual(ATTEMPTS.map(() => null));
  });
});

describe('a receiver that failed', () => {
  it.each([
    [{ responseCode: null }, true],
    [{ responseCode: 429 }, true],
    [{ responseCode: 503 }, true],
    [{ responseCode: 500, retryAfterMs: 1 }, true],
    [{ responseCode: 500 }, false],
    [{ responseCode: 404 }, false],
  ])('%o is left alone: %s', (failed, isLeft) => {
    expect(asksForRest({ attempt: 1, ...failed })).toBe(isLeft);
  });
});
