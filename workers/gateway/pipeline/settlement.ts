import type { RoutingDecision } from '../../../shared/contracts/http/routing-decision.ts';
import type { RequestRecorded, RequestStatus } from '../../../shared/contracts/queues.ts';
import type { HoldCommand } from '../../../shared/contracts/rpc.ts';
import type { Usage } from '../../../shared/contracts/usage.ts';
import { type RequestOutcome, toRequestRecorded } from '../../../shared/domain/admission/request-event.ts';
import { costOf } from '../../../shared/domain/pricing/cost.ts';
import type { ErrorCode } from '../../../shared/errors/domain-error.ts';
import type { AdmittedPlan } from './admit-request.ts';
import { endpointCalled, locationOf } from './location-of.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { decisionOf } from './routing-decision.ts';

/** How a request ended, as far as its bill is concerned. */
export interface Ending {
  readonly status: RequestStatus;
  readonly errorCode: ErrorCode | null;
  /** `nothing` was billed; what was `used`, if the vendor told; `unknown` is billed at the hold. */
  readonly bill:
    | { readonly kind: 'nothing' }
    | { readonly kind: 'used'; readonly usage: Usage }
    | { readonly kind: 'unknown' };
  /** No provider was called. */
  readonly isUnsent?: boolean;
}

/** What a request cost, null where that is not known, and the record of it. */
export interface Settlement {
  readonly plan: AdmittedPlan;
  readonly costPicoUsd: bigint | null;
  /** How it came to its provider; null where there was nothing to choose. */
  readonly routing: RoutingDecision | null;
  readonly record: RequestRecorded;
  /** False: it counts under no limit, since no provider was called for it. */
  readonly isCounted: boolean;
}

/**
 * Prices the end of a request, at no more than was held. A usage that lacks what the price needs leaves the cost unknown,
 * never zero: then the hold is billed, marked `estimated`.
 */
export function settlementOf(
  input: PipelineInput,
  plan: AdmittedPlan,
  { status, errorCode, bill, isUnsent = false }: Ending,
): Settlement {
  const { ports, startedAt, logger, callStartedAt, failedCalls, cacheUse } = input;
  const toldCost = costOfBill(plan, bill);
  const isOverHold = toldCost !== null && toldCost > plan.maxCostPicoUsd;
  // An overrun of the provider's is not the tenant's; that there was one means that a bound is wrong.
  if (isOverHold) logger.error('cost.over_hold', { toldCost, held: plan.maxCostPicoUsd, bill });
  const costPicoUsd = isOverHold ? plan.maxCostPicoUsd : toldCost;
  const endedAt = ports.now();
  const isUnknown = costPicoUsd === null;
  const usage = bill.kind === 'used' ? bill.usage : {};
  const outcome: RequestOutcome = {
    revision: 1,
    status: isUnknown ? 'estimated' : status,
    errorCode,
    usage: isUnknown ? plan.bound : usage,
    costPicoUsd: (costPicoUsd ?? plan.maxCostPicoUsd).toString(),
    latencyMs: endedAt - startedAt,
    endedAt,
  };
  const routing = decisionOf(plan, errorCode);
  if (routing) outcome.routing = routing;
  if (cacheUse && errorCode === null) outcome.cache = cacheUse;
  if (failedCalls.length > 0) {
    const { provider, model } = plan.candidate.offer;
    const { status } = outcome;
    const endpoint = endpointCalled(input, plan);
    const last = { provider, model, startedAt: callStartedAt, endedAt, status, errorCode, endpoint };
    outcome.attempts = [...failedCalls, last];
  }
  const record = toRequestRecorded(holdOf(input, plan), outcome);
  return { plan, costPicoUsd, routing, record, isCounted: !isUnsent || failedCalls.length > 0 };
}

/** The hold as of the candidate that was called: it was taken for any of them. */
function holdOf(input: PipelineInput, plan: AdmittedPlan): HoldCommand {
  const {
    admitted: { hold },
    candidate: { offer },
  } = plan;
  if (!hold.alternatives && input.failedCalls.length === 0) return hold;
  const { ownPrices: _, ...common } = hold;
  const { provider, model, components } = offer;
  const location = locationOf(input, plan);
  return { ...common, provider, model, location, ...(offer.hasOwnPrices && { ownPrices: components }) };
}

function costOfBill({ candidate, bound }: AdmittedPlan, bill: Ending['bill']): bigint | null {
  if (bill.kind === 'nothing') return 0n;
  return bill.kind === 'used' ? costOf(candidate.offer.components, bill.usage, bound) : null;
}
