import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { OrchestrateRequest, OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { SettleCommand } from '../../../shared/contracts/rpc.ts';
import { toUsdNumber } from '../../../shared/domain/pricing/cost.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { LogFields, Logger } from '../../../shared/platform/logger.ts';
import { retry } from '../../../shared/platform/retry.ts';
import type { TraceContext } from '../../../shared/platform/trace-context.ts';
import { SETTLE_ATTEMPTS, SETTLE_RETRY_BASE_MS, SETTLE_RETRY_CAP_MS } from '../constants.ts';
import type { GatewayPorts } from '../ports.ts';
import { type AttemptOutcome, attempt } from './attempt.ts';
import { holdFor } from './hold-for.ts';
import { planRequest, type RequestPlan } from './plan-request.ts';

/** One request on its way through the pipeline. */
export interface PipelineInput {
  readonly request: OrchestrateRequest;
  readonly tenant: TenantContext;
  readonly requestId: string;
  readonly startedAt: number;
  readonly trace: TraceContext;
  readonly logger: Logger;
  readonly logFields: LogFields;
  readonly ports: GatewayPorts;
  /** Keeps the isolate alive for work that outlasts the answer, or the client. */
  waitUntil(work: Promise<unknown>): void;
}

/**
 * The pipeline: plan, hold, call, settle. No provider is called without a hold that covers the most that the call can
 * cost, and every hold is settled exactly once: after the answer, at its usage; or by TenantGate when this isolate dies.
 */
export async function runRequest(input: PipelineInput): Promise<Result<OrchestrateResponse, DomainError>> {
  const plan = planRequest(input.request, input.tenant);
  if (!plan.ok) return plan;
  const { provider, model } = plan.value.candidate.offer;
  Object.assign(input.logFields, { provider, model });
  const refusal = await holdFor(input, plan.value);
  if (refusal) return err(refusal);
  const attempted = attempt(input, plan.value);
  input.waitUntil(attempted.then(({ settlement }) => settle(input, settlement)));
  const outcome = await attempted;
  Object.assign(input.logFields, { usage: outcome.settlement.usage, costPicoUsd: outcome.costPicoUsd });
  return outcome.result.ok ? ok(toResponse(input, plan.value, outcome, outcome.result.value)) : outcome.result;
}

async function settle({ ports, tenant, logger }: PipelineInput, settlement: SettleCommand): Promise<void> {
  const options = { attempts: SETTLE_ATTEMPTS, baseMs: SETTLE_RETRY_BASE_MS, capMs: SETTLE_RETRY_CAP_MS };
  try {
    await retry(() => ports.gate(tenant.tenantId).settle([settlement]), options);
  } catch (error) {
    logger.error('settle.failed', { error });
  }
}

function toResponse(
  { requestId, trace }: PipelineInput,
  { candidate }: RequestPlan,
  { settlement, costPicoUsd }: AttemptOutcome,
  generated: Extract<AttemptOutcome['result'], { ok: true }>['value'],
): OrchestrateResponse {
  const { message, finishReason, rawFinishReason, usage, warnings } = generated;
  return {
    requestId,
    status: 'completed',
    output: { message, finishReason, rawFinishReason },
    costUsd: costPicoUsd === null ? null : toUsdNumber(costPicoUsd),
    latencyMs: settlement.latencyMs,
    provider: candidate.offer.provider,
    model: candidate.offer.model,
    usage: usage ?? null,
    trace: { traceId: trace.traceId },
    warnings: [...warnings],
  };
}
