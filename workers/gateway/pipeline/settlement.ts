import type { RequestStatus } from '../../../shared/contracts/queues.ts';
import type { SettleCommand } from '../../../shared/contracts/rpc.ts';
import type { Usage } from '../../../shared/contracts/usage.ts';
import { costOf } from '../../../shared/domain/pricing/cost.ts';
import type { ErrorCode } from '../../../shared/errors/domain-error.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';

/** How a request ended, as far as its bill is concerned. */
export interface Ending {
  readonly status: RequestStatus;
  readonly errorCode: ErrorCode | null;
  /** `nothing` was billed; what was `used`, if the vendor told; `unknown` is billed at the hold. */
  readonly bill:
    | { readonly kind: 'nothing' }
    | { readonly kind: 'used'; readonly usage: Usage }
    | { readonly kind: 'unknown' };
}

/** What a request cost, null where that is not known, and the command that settles it so. */
export interface Settlement {
  readonly costPicoUsd: bigint | null;
  readonly command: SettleCommand;
}

/**
 * Prices the end of a request, at no more than was held. A usage that lacks what the price needs leaves the cost unknown,
 * never zero.
 */
export function settlementOf(
  { ports, requestId, startedAt, logger }: PipelineInput,
  plan: RequestPlan,
  ending: Ending,
): Settlement {
  const { bill } = ending;
  const usage = bill.kind === 'used' ? bill.usage : {};
  const toldCost = costOfBill(plan, bill);
  const isOverHold = toldCost !== null && toldCost > plan.maxCostPicoUsd;
  // An overrun of the provider's is not the tenant's; that there was one means that a bound is wrong.
  if (isOverHold) logger.error('cost.over_hold', { toldCost, held: plan.maxCostPicoUsd, usage });
  const costPicoUsd = isOverHold ? plan.maxCostPicoUsd : toldCost;
  const endedAt = ports.now();
  return {
    costPicoUsd,
    command: {
      requestId,
      status: ending.status,
      errorCode: ending.errorCode,
      usage,
      costPicoUsd: costPicoUsd?.toString() ?? null,
      latencyMs: endedAt - startedAt,
      endedAt,
    },
  };
}

function costOfBill({ candidate, bound }: RequestPlan, bill: Ending['bill']): bigint | null {
  if (bill.kind === 'nothing') return 0n;
  return bill.kind === 'used' ? costOf(candidate.offer.components, bill.usage, bound) : null;
}
