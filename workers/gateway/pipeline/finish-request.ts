import type { OrchestrateOutput, OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { CacheUse } from '../../../shared/contracts/queues.ts';
import type { Usage } from '../../../shared/contracts/usage.ts';
import { toUsdNumber } from '../../../shared/domain/pricing/cost.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import { marksOf, sessionName, sessionOf } from './routing-facts.ts';
import type { Settlement } from './settlement.ts';
import type { TaskAnswer } from './task.ts';

/** Everything that the client should know of what it asked for and did not get. */
export function warningsOf(plan: RequestPlan, adapterWarnings: readonly string[]): string[] {
  const unpriced = plan.isPriced ? [] : ['the model has no price: this request is recorded without cost'];
  return [...new Set([...plan.warnings, ...adapterWarnings, ...unpriced])];
}

/**
 * Hands a settlement to the tenant's session, which tells TenantGate. Until then the lease counts the request. One that is
 * not `isLast` is of a call that another one follows: its money and tokens count, and it is no request of its own.
 */
export function settle(input: PipelineInput, settlement: Settlement, isLast = true): void {
  const { logFields, waitUntil, task } = input;
  const { plan, costPicoUsd, routing, record, isCounted } = settlement;
  const { usage } = record;
  if (routing) logFields.routing = routing;
  if (record.location) logFields.location = record.location;
  logFields.usage = usage;
  logFields.costPicoUsd = costPicoUsd;
  logFields.isBilled = logFields.isBilled === true || costPicoUsd !== 0n || Object.keys(usage).length > 0;
  const used = {
    picoUsd: BigInt(record.costPicoUsd),
    tokens: BigInt((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)),
    isCounted,
    isRequest: isLast,
  };
  task?.onSettled(settlement);
  if (record.status === 'completed') learnCache(input, plan, usage);
  plan.session.settle(plan.admitted, used, JSON.stringify(record), waitUntil, record);
}

/** Lets routing by cost know what of the input was cached. A stored answer of ours is none of the vendor's. */
function learnCache({ ports, tenant, request, cacheUse }: PipelineInput, plan: RequestPlan, usage: Usage): void {
  if (!plan.route || (cacheUse && cacheUse.outcome !== 'miss')) return;
  const { stickyBy } = plan.route;
  const session = stickyBy === null ? null : sessionOf(stickyBy, marksOf(plan.task, tenant.keyUse, request.metadata));
  ports.health.used(tenant.tenantId, plan.candidate, session === null ? null : sessionName(session), usage);
}

/** The public form of an answer, whole or as far as it came. */
export function toResponse(
  { requestId, trace, cacheUse }: PipelineInput,
  { candidate, isPriced }: RequestPlan,
  { record, costPicoUsd, routing }: Settlement,
  answer: { readonly output: OrchestrateOutput | null } & Pick<TaskAnswer, 'usage' | 'warnings'>,
  status: 'completed' | 'failed',
): OrchestrateResponse {
  return {
    requestId,
    status,
    output: answer.output,
    costUsd: costPicoUsd === null || !isPriced ? null : toUsdNumber(costPicoUsd),
    latencyMs: record.latencyMs,
    provider: candidate.offer.provider,
    model: candidate.offer.model,
    usage: answer.usage.unified ?? null,
    rawUsage: answer.usage.raw ?? null,
    trace: { traceId: trace.traceId },
    ...(routing && { routing }),
    ...(cacheUse && { cache: toCacheView(cacheUse) }),
    ...(record.location && { location: record.location }),
    warnings: [...answer.warnings],
  };
}

function toCacheView({ outcome, savedPicoUsd, ageMs }: CacheUse): NonNullable<OrchestrateResponse['cache']> {
  return {
    outcome,
    ...(savedPicoUsd !== undefined && { savedUsd: toUsdNumber(BigInt(savedPicoUsd)) }),
    ...(ageMs !== undefined && { ageSeconds: Math.floor(ageMs / 1_000) }),
  };
}
