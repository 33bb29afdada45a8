import { ProviderError } from '../../../shared/providers/provider-error.ts';
import { type AdmittedPlan, beginAnew } from './admit-request.ts';
import { CircuitOpen, CredentialsUnavailable, failedCall } from './call-provider.ts';
import type { Failure } from './failure.ts';
import { settle } from './finish-request.ts';
import { holdPlan } from './hold-for.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import { type Settlement, settlementOf } from './settlement.ts';

/**
 * What is called after a failure of which the client has seen nothing; null when it stands: nobody else is left, would do
 * better, or is wanted. A call that was not billed leaves the hold to the next one, which it covers. One that may have
 * been is settled at its estimate, in a record of its own, and only when the next one has a hold of its own: where a limit
 * has no room for both, the failure stands.
 */
export async function nextPlan(
  input: PipelineInput,
  plan: AdmittedPlan,
  failure: Failure & { readonly cause: unknown },
  signal: AbortSignal,
): Promise<AdmittedPlan | null> {
  const { cause, error, ending } = failure;
  const [next, ...rest] = plan.alternatives;
  if (!next || signal.aborted || !isAnothersChance(cause)) return null;
  const failures = [...plan.failures, error.code, ...(plan.beside ? [plan.beside.code] : [])];
  const following: RequestPlan = { ...next, alternatives: rest, failures };
  if (ending.bill.kind !== 'nothing') return await holdAnew(input, settlementOf(input, plan, ending), cause, following);
  if (cause instanceof ProviderError) input.failedCalls.push(failedCall(input, plan, cause));
  return { ...following, route: plan.route, session: plan.session, admitted: plan.admitted };
}

/** If another candidate may do better. What is wrong with the request itself is wrong everywhere. */
function isAnothersChance(cause: unknown): boolean {
  if (cause instanceof ProviderError) return cause.retry !== 'never';
  return cause instanceof CredentialsUnavailable || cause instanceof CircuitOpen;
}

/** Goes on under another name and hold, once that is there; the failed call keeps its own, and is settled then. */
export async function holdAnew(
  input: PipelineInput,
  settlement: Settlement,
  cause: unknown,
  following: RequestPlan,
): Promise<AdmittedPlan | null> {
  const { session, requestId, requestIndex } = input;
  beginAnew(input);
  const held = await holdPlan(input, following, { isHasty: true }); // it has a place, which it cannot leave to itself
  if (!held.ok) {
    Object.assign(input, { session, requestId, requestIndex, logger: input.rename(requestId) });
    return null;
  }
  settle(input, settlement, false);
  if (cause instanceof ProviderError)
    input.failedCalls.push({ ...failedCall(input, settlement.plan, cause), requestId });
  return held.value;
}
