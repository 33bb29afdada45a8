import type { ResidencyPolicy, ResidencyPolicyChange } from '../contracts/http/residency-policies.ts';
import type { Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, updateConfiguration } from './change-configuration.ts';
import { givenColumns } from './configuration-columns.ts';
import { RESIDENCY_POLICIES, residencyOutcome } from './residency-policy-fields.ts';

/** Changes fields of a residency policy, with an audit row. */
export async function updateResidencyPolicy(
  by: ChangeContext,
  id: string,
  { enforced, minimumGuarantee }: ResidencyPolicyChange,
): Promise<Result<ResidencyPolicy, ChangeRefusal>> {
  const row = givenColumns({ enforced, minimum_guarantee: minimumGuarantee });
  return residencyOutcome(await updateConfiguration(by, RESIDENCY_POLICIES, id, row, {}));
}
