import type { OrchestrateOutput, OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import { toUsdNumber } from '../../../shared/domain/pricing/cost.ts';
import { retry } from '../../../shared/platform/retry.ts';
import { SETTLE_ATTEMPTS, SETTLE_RETRY_BASE_MS, SETTLE_RETRY_CAP_MS } from '../constants.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import type { Settlement } from './settlement.ts';
import type { TaskAnswer } from './task.ts';

/** Hands a settlement to TenantGate. When that cannot be reached, the hold's expiry counts it instead. */
export async function settle(
  { ports, tenant, logger, logFields }: PipelineInput,
  settlement: Settlement,
): Promise<void> {
  Object.assign(logFields, { usage: settlement.command.usage, costPicoUsd: settlement.costPicoUsd });
  const options = { attempts: SETTLE_ATTEMPTS, baseMs: SETTLE_RETRY_BASE_MS, capMs: SETTLE_RETRY_CAP_MS };
  try {
    await retry(() => ports.gate(tenant.tenantId).settle([settlement.command]), options);
  } catch (error) {
    logger.error('settle.failed', { error });
  }
}

/** The public form of an answer, whole or as far as it came. */
export function toResponse(
  { requestId, trace }: PipelineInput,
  { candidate, isPriced }: RequestPlan,
  { command, costPicoUsd }: Settlement,
  answer: { readonly output: OrchestrateOutput | null } & Pick<TaskAnswer, 'usage' | 'warnings'>,
  status: 'completed' | 'failed',
): OrchestrateResponse {
  const unpriced = isPriced ? [] : ['the model has no price: this request is recorded without cost'];
  return {
    requestId,
    status,
    output: answer.output,
    costUsd: costPicoUsd === null || !isPriced ? null : toUsdNumber(costPicoUsd),
    latencyMs: command.latencyMs,
    provider: candidate.offer.provider,
    model: candidate.offer.model,
    usage: answer.usage.unified ?? null,
    rawUsage: answer.usage.raw ?? null,
    trace: { traceId: trace.traceId },
    warnings: [...answer.warnings, ...unpriced],
  };
}
