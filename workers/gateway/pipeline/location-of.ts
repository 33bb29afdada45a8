import type { CalledEndpoint, RequestLocation } from '../../../shared/contracts/residency.ts';
import { calledAt } from '../../../shared/domain/routing/residency.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';

/** Where a plan's candidate is called, and what that is to the tenant's policies. */
export function endpointCalled(
  { tenant }: Pick<PipelineInput, 'tenant'>,
  { candidate }: Pick<RequestPlan, 'candidate'>,
): CalledEndpoint {
  return calledAt(tenant.snapshot.residencyPolicies ?? [], candidate.endpoint);
}

/** Where a request is served when a plan's candidate is called; outside policies where a call before it was. */
export function locationOf(
  input: Pick<PipelineInput, 'tenant' | 'servedAt' | 'failedCalls'>,
  plan: Pick<RequestPlan, 'candidate'>,
): RequestLocation {
  const called = endpointCalled(input, plan);
  const wasOutside = input.failedCalls.some(({ endpoint }) => endpoint?.residency === 'outside');
  return { ...input.servedAt, ...called, ...(wasOutside && { residency: 'outside' }) };
}
