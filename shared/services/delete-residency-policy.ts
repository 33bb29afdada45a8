import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, deleteConfiguration } from './change-configuration.ts';
import { RESIDENCY_POLICIES } from './residency-policy-fields.ts';

/** Removes a residency policy, with an audit row. */
export async function deleteResidencyPolicy(by: ChangeContext, id: string): Promise<Result<null, ChangeRefusal>> {
  const deleted = await deleteConfiguration(by, RESIDENCY_POLICIES, id);
  return deleted.ok ? ok(null) : deleted;
}
