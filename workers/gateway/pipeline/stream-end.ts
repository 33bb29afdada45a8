import type { TerminalEventName } from '../../../shared/contracts/http/stream-events.ts';
import { costOf } from '../../../shared/domain/pricing/cost.ts';
import { countUsage } from '../../../shared/domain/usage/count-usage.ts';
import type { DomainError, ErrorCode } from '../../../shared/errors/domain-error.ts';
import type { StreamPart } from '../../../shared/providers/contract.ts';
import type { ProviderError, ProviderErrorKind } from '../../../shared/providers/provider-error.ts';
import { MAX_CHARACTERS_PER_TOKEN } from '../constants.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import { providerErrorToDomain } from './provider-error-to-domain.ts';
import type { Ending } from './settlement.ts';
import type { StreamAnswer } from './stream-answer.ts';

/** How a stream ended: the event that says so, the error behind it, and the bill. */
export interface StreamEnd {
  readonly event: TerminalEventName;
  readonly error: DomainError | null;
  readonly ending: Ending;
  /** The vendor itself has told of the failure, in its own stream. */
  readonly isToldByVendor?: true;
  /** Of a provider that failed. */
  readonly cause?: ProviderError;
}

type StreamError = Extract<StreamPart, { type: 'stream-error' }>;

/** Failures that the vendor did not tell itself: it may have worked, and bill, for all we know. */
const BROKEN_OFF: ReadonlySet<ProviderErrorKind> = new Set(['upstream-cut', 'timeout', 'canceled', 'bad-response']);

export function finished(plan: RequestPlan, answer: StreamAnswer): StreamEnd {
  return { event: 'completed', error: null, ending: producedBy(plan, answer, 'completed', null) };
}

export function failed(
  input: PipelineInput,
  plan: RequestPlan,
  answer: StreamAnswer,
  { error: cause }: StreamError,
): StreamEnd {
  const error = providerErrorToDomain(cause);
  input.logger.warn('provider.failed', { code: error.code, error: cause });
  input.ports.health.failed(input.tenant.tenantId, plan.candidate, cause);
  const isBrokenOff = BROKEN_OFF.has(cause.kind);
  const isSold = answer.writtenLength > 0 || answer.usage.unified !== undefined || isBrokenOff;
  const ending: Ending = isSold
    ? producedBy(plan, answer, 'failed', error.code)
    : { status: 'failed', errorCode: error.code, bill: { kind: 'nothing' } };
  return { event: 'failed', error, ending, cause, ...(!isBrokenOff && { isToldByVendor: true }) };
}

export function overHold(plan: RequestPlan, answer: StreamAnswer): StreamEnd {
  const detail = 'The provider wrote more than was asked for and held for it. The stream was stopped at the hold.';
  const error: DomainError = { code: 'stream_over_hold', detail };
  return { event: 'budget_exceeded', error, ending: producedBy(plan, answer, 'failed', error.code) };
}

export function canceled(plan: RequestPlan, answer: StreamAnswer): StreamEnd {
  const error: DomainError = { code: 'canceled', detail: 'The client left before the answer was complete.' };
  return { event: 'canceled', error, ending: producedBy(plan, answer, 'canceled', error.code) };
}

/** Who asked lost the right to while the stream ran. They pay for what was produced. */
export function forbidden(plan: RequestPlan, answer: StreamAnswer): StreamEnd {
  const detail = 'The right to make requests was withdrawn while the stream ran.';
  const error: DomainError = { code: 'permission_denied', detail };
  return { event: 'failed', error, ending: producedBy(plan, answer, 'failed', error.code) };
}

/** If the vendor counts more than was held for, or has plainly written more than the output limit that it was given. */
export function isOverHold(plan: RequestPlan, answer: StreamAnswer): boolean {
  if (answer.writtenLength > plan.bound.outputTokens * MAX_CHARACTERS_PER_TOKEN) return true;
  const told = answer.takeNews() ? toldCost(plan, answer) : null;
  return told !== null && told > plan.maxCostPicoUsd;
}

/** The bill of what was produced: what the vendor told of it, else what was counted, marked as an estimate. */
function producedBy(
  plan: RequestPlan,
  answer: StreamAnswer,
  status: 'completed' | 'failed' | 'canceled',
  errorCode: ErrorCode | null,
): Ending {
  const { unified } = answer.usage;
  if (unified && toldCost(plan, answer) !== null) return { status, errorCode, bill: { kind: 'used', usage: unified } };
  const seen = { inputLength: plan.bound.inputTokens, writtenLength: answer.writtenLength };
  return { status: 'estimated', errorCode, bill: { kind: 'used', usage: countUsage(unified, seen) } };
}

/** The cost by the vendor's own usage; null while that does not tell all that the price needs. */
function toldCost({ bound, candidate }: RequestPlan, { usage }: StreamAnswer): bigint | null {
  return usage.unified ? costOf(candidate.offer.components, usage.unified, bound) : null;
}
