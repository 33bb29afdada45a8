import {
  EMPTY_RETRY_BUDGET,
  earnRetry,
  type RetryBudget,
  spendRetry,
} from '../../../shared/domain/routing/retry-budget.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { CACHED_RETRY_BUDGETS } from '../constants.ts';

/** This isolate's retry budgets, one for each provider account, so that a failing provider is not called far more often. */
export class RetryBudgets {
  readonly #budgets: ExpiringMap<string, RetryBudget>;

  constructor(now: () => number) {
    this.#budgets = new ExpiringMap(CACHED_RETRY_BUDGETS, now);
  }

  /** Counts a client's call of an account. */
  earn(accountId: string): void {
    this.#budgets.set(accountId, earnRetry(this.#budgets.get(accountId) ?? EMPTY_RETRY_BUDGET));
  }

  /** Pays for one retry; false when the budget cannot. */
  take(accountId: string): boolean {
    const left = spendRetry(this.#budgets.get(accountId) ?? EMPTY_RETRY_BUDGET);
    if (left) this.#budgets.set(accountId, left);
    return left !== null;
  }
}
