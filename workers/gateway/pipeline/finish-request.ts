import type { OrchestrateOutput, OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import { toUsdNumber } from '../../../shared/domain/pricing/cost.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import type { Settlement } from './settlement.ts';
import type { TaskAnswer } from './task.ts';

/** Everything that the client should know of what it asked for and did not get. */
export function warningsOf(plan: RequestPlan, adapterWarnings: readonly string[]): string[] {
  const unpriced = plan.isPriced ? [] : ['the model has no price: this request is recorded without cost'];
  return [...new Set([...plan.warnings, ...adapterWarnings, ...unpriced])];
}

/** Hands a settlement to TenantGate. When that cannot be reached, the hold's expiry counts it instead. */
export async function settle(
  { ports, tenant, logger, logFields }: PipelineInput,
  settlement: Settlement,
): Promise<void> {
  Object.assign(logFields, { usage: settlement.command.usage, costPicoUsd: settlement.costPicoUsd });
  try {
    await ports.settlements.settle(tenant.tenantId, settlement.command);
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
    warnings: [...answer.warnings],
  };
}
