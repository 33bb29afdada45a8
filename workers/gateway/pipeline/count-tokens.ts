import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { PROVIDER_TIMEOUT_MS } from '../constants.ts';
import { callProvider } from './call-provider.ts';
import { estimateInputTokens } from './estimate-tokens.ts';
import { toFailure } from './failure.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { planRequest, type RequestPlan } from './plan-request.ts';

/** How many tokens a chat's input has. */
export interface TokenCount {
  readonly inputTokens: number;
  readonly plan: RequestPlan;
  readonly warnings: readonly string[];
}

const ESTIMATED = 'the number is an estimate: the provider does not count';

/**
 * Counts the input of a chat: by the provider, where it counts for nothing, else by an estimate. Nothing is held and
 * nothing recorded, since nothing can be billed.
 */
export async function countTokens(input: PipelineInput): Promise<Result<TokenCount, DomainError>> {
  const plan = planRequest(input);
  if (!plan.ok) return plan;
  const { task, adapter, warnings } = plan.value;
  if (task.kind !== 'chat') throw new Error(`the input of a ${task.kind} is not counted`);
  const { offer, endpoint } = plan.value.candidate;
  Object.assign(input.logFields, { provider: offer.provider, model: offer.model });
  const { countTokens: count } = adapter;
  // Where the region is asked for with each request, counting cannot ask: it would go anywhere.
  if (!count || endpoint.askedRegion !== null) {
    return ok({ inputTokens: estimateInputTokens(task.request), plan: plan.value, warnings: [...warnings, ESTIMATED] });
  }
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(PROVIDER_TIMEOUT_MS), input.clientSignal()]);
    const inputTokens = await callProvider(
      input,
      { ...plan.value, alternatives: [] },
      (options) => count(task.request, options),
      signal,
    );
    return ok({ inputTokens, plan: plan.value, warnings });
  } catch (cause) {
    const { error } = toFailure(cause);
    input.logger.warn('provider.failed', { code: error.code, error: cause });
    return err(error);
  }
}
