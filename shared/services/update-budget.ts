import type { Budget, BudgetChange } from '../contracts/http/budgets.ts';
import { ok, type Result } from '../errors/result.ts';
import { BUDGETS, toBudget, toBudgetRow } from './budget-fields.ts';
import { type ChangeContext, type ChangeRefusal, updateConfiguration } from './change-configuration.ts';

/** Changes fields of a budget, with an audit row. What was spent stays spent. */
export async function updateBudget(
  by: ChangeContext,
  id: string,
  change: BudgetChange,
): Promise<Result<Budget, ChangeRefusal>> {
  const updated = await updateConfiguration(by, BUDGETS, id, toBudgetRow(change), change.scope ?? {});
  return updated.ok ? ok(toBudget(updated.value)) : updated;
}
