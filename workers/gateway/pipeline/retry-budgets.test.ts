import { expect, it } from 'vitest';
import { RetryBudgets } from './retry-budgets.ts';

/** How many retries are paid for, one after the other. */
function retriesOf(budgets: RetryBudgets, tenantId: string, accountId: string): number {
  let retries = 0;
  while (retries < 1_000 && budgets.take(tenantId, accountId)) retries++;
  return retries;
}

it('T6: an account of the same id in two tenants has a budget in each', () => {
  const budgets = new RetryBudgets(() => 0);
  for (let call = 0; call < 100; call++) for (const tenant of ['one', 'two']) budgets.earn(tenant, 'account');
  const [first, second] = [retriesOf(budgets, 'one', 'account'), retriesOf(budgets, 'two', 'account')];
  expect(first).toBeGreaterThan(0);
  expect(second).toBe(first);
  // Control: what two share, one of them uses up.
  expect(retriesOf(budgets, 'one', 'account')).toBe(0);
});
