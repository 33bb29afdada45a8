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

  /** Counts a client's call of a tenant's account. */
  earn(tenantId: string, accountId: string): void {
    const name = `${tenantId}/${accountId}`;
    this.#budgets.set(name, earnRetry(this.#budgets.get(name) ?? EMPTY_RETRY_BUDGET));
  }

  /** Pays for one retry; false when the budget cannot. */
  take(tenantId: string, accountId: string): boolean {
    const name = `${tenantId}/${accountId}`;
    const left = spendRetry(this.#budgets.get(name) ?? EMPTY_RETRY_BUDGET);
    if (left) this.#budgets.set(name, left);
    return left !== null;
  }
}
