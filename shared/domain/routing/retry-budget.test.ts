import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../test/harness/seeded-random.ts';
import { EMPTY_RETRY_BUDGET, earnRetry, type RetryBudget, spendRetry } from './retry-budget.ts';

const CALLS = 10 * 60 * 50; // ten minutes of 50 calls a second
const ATTEMPTS = 3;

/** Calls to a provider that fails half of them, each tried up to three times while `spend` pays. */
function callsUpstream(spend: (budget: RetryBudget) => RetryBudget | null): number {
  const random = seededRandom(11);
  let [budget, upstream] = [EMPTY_RETRY_BUDGET, 0];
  for (let call = 0; call < CALLS; call++) {
    budget = earnRetry(budget);
    for (let attempt = 1; ; attempt++) {
      upstream++;
      const isAnswered = random() < 0.5;
      const paid = isAnswered || attempt === ATTEMPTS ? null : spend(budget);
      if (!paid) break;
      budget = paid;
    }
  }
  return upstream;
}

describe('F11: a provider at 50 % errors for ten minutes', () => {
  it('is called at most 1.2 times as often as clients call', () => {
    expect(callsUpstream(spendRetry) / CALLS).toBeLessThanOrEqual(1.2);
    expect(callsUpstream(spendRetry) / CALLS).toBeGreaterThan(1.19); // what may be retried is
  });

  it('control: without a budget it is called more often', () => {
    expect(callsUpstream((budget) => budget) / CALLS).toBeGreaterThan(1.7);
  });
});

describe('the budget', () => {
  it('never lets retries be more than a fifth of the calls before them, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('call', 'retry'), { maxLength: 500 }), (events) => {
        let [budget, calls, retries] = [EMPTY_RETRY_BUDGET, 0, 0];
        for (const event of events) {
          const next = event === 'call' ? earnRetry(budget) : spendRetry(budget);
          if (!next) continue;
          budget = next;
          if (event === 'call') calls++;
          else retries++;
          expect(retries * 5).toBeLessThanOrEqual(calls);
        }
      }),
    );
  });

  it('saves up no more than ten retries in a quiet time', () => {
    let budget = Array.from({ length: 1_000 }).reduce<RetryBudget>(earnRetry, EMPTY_RETRY_BUDGET);
    let retries = 0;
    for (let next = spendRetry(budget); next; next = spendRetry(budget)) {
      budget = next;
      retries++;
    }
    expect(retries).toBe(10);
  });
});
