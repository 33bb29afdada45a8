import { ok, type Result } from '../errors/result.ts';
import { BUDGETS } from './budget-fields.ts';
import { type ChangeContext, type ChangeRefusal, deleteConfiguration } from './change-configuration.ts';

/** Removes a budget, with an audit row. Its recorded thresholds stay. */
export async function deleteBudget(by: ChangeContext, id: string): Promise<Result<null, ChangeRefusal>> {
  const deleted = await deleteConfiguration(by, BUDGETS, id);
  return deleted.ok ? ok(null) : deleted;
}
