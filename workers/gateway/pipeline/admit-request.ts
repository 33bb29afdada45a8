import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, type Result } from '../../../shared/errors/result.ts';
import { holdFor } from './hold-for.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { planRequest, type RequestPlan } from './plan-request.ts';

/** A plan whose most is held: the provider may be called. */
export async function admitRequest(input: PipelineInput): Promise<Result<RequestPlan, DomainError>> {
  const plan = planRequest(input);
  if (!plan.ok) return plan;
  const { provider, model } = plan.value.candidate.offer;
  Object.assign(input.logFields, { provider, model });
  const refusal = await holdFor(input, plan.value);
  return refusal ? err(refusal) : plan;
}
