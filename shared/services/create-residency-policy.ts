import type { ResidencyPolicy, ResidencyPolicyInput } from '../contracts/http/residency-policies.ts';
import type { Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';
import { RESIDENCY_POLICIES, residencyOutcome } from './residency-policy-fields.ts';

/** Adds a residency policy, with its audit row. The data plane obeys it once it is published. */
export async function createResidencyPolicy(
  by: ChangeContext,
  { region, enforced, minimumGuarantee }: ResidencyPolicyInput,
): Promise<Result<ResidencyPolicy, ChangeRefusal>> {
  const row = { region, enforced, minimum_guarantee: minimumGuarantee };
  return residencyOutcome(await insertConfiguration(by, RESIDENCY_POLICIES, row, {}));
}
