import type { Budget, BudgetInput } from '../contracts/http/budgets.ts';
import { ok, type Result } from '../errors/result.ts';
import { BUDGETS, toBudget, toBudgetRow } from './budget-fields.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';

/** Adds a budget, with its audit row. The data plane knows of it once it is published. */
export async function createBudget(by: ChangeContext, input: BudgetInput): Promise<Result<Budget, ChangeRefusal>> {
  const created = await insertConfiguration(by, BUDGETS, toBudgetRow(input), input.scope);
  return created.ok ? ok(toBudget(created.value)) : created;
}
