import type { HoldCommand, HoldRefusal, HoldReply } from '../../../shared/contracts/rpc.ts';
import { toUsdNumber } from '../../../shared/domain/pricing/cost.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { toTraceparent } from '../../../shared/platform/trace-context.ts';
import { UNAVAILABLE_RETRY_MS } from '../constants.ts';
import { settle } from './finish-request.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';
import { settlementOf } from './settlement.ts';

/** Sets money aside for a request; null when it may start. Fails closed: an unreachable TenantGate refuses. */
export async function holdFor(input: PipelineInput, plan: RequestPlan): Promise<DomainError | null> {
  const { ports, tenant, logger } = input;
  let reply: HoldReply;
  try {
    reply = await ports.spans.run('gate.hold', { 'eufm.tenant_id': tenant.tenantId }, () =>
      ports.gate(tenant.tenantId).hold(toCommand(input, plan)),
    );
  } catch (error) {
    logger.error('hold.unavailable', { error });
    input.waitUntil(release(input, plan));
    return unavailable();
  }
  if (reply.snapshot) ports.tenants.accept(reply.snapshot);
  if (reply.result.ok) return null;
  if (reply.result.error.reason === 'tenant_unknown') ports.tenants.forget(tenant.tenantId);
  return toDomainError(reply.result.error);
}

/** The hold may be there though its answer was lost: nothing is called, so nothing may be counted. */
async function release(input: PipelineInput, plan: RequestPlan): Promise<void> {
  await settle(
    input,
    settlementOf(input, plan, { status: 'failed', errorCode: 'unavailable', bill: { kind: 'nothing' } }),
  );
}

function toCommand({ request, tenant, requestId, startedAt, trace }: PipelineInput, plan: RequestPlan): HoldCommand {
  const { snapshot, actor } = tenant;
  const { offer } = plan.candidate;
  return {
    requestId,
    environmentId: plan.environmentId,
    apiKeyId: actor.kind === 'api_key' ? actor.apiKeyId : null,
    provider: offer.provider,
    model: offer.model,
    taskType: request.taskType,
    amountPicoUsd: plan.maxCostPicoUsd.toString(),
    isPriced: plan.isPriced,
    bound: plan.bound,
    priceVersion: snapshot.priceVersion,
    ...(offer.hasOwnPrices && { ownPrices: offer.components }),
    startedAt,
    traceparent: toTraceparent(trace),
    metadata: request.metadata,
    knownConfigVersion: snapshot.configVersion,
  };
}

function toDomainError(refusal: HoldRefusal): DomainError {
  switch (refusal.reason) {
    case 'tenant_unknown':
      return unavailable();
    case 'tenant_suspended':
      return { code: 'tenant_suspended', detail: 'The tenant is suspended.' };
    case 'key_revoked':
      return { code: 'unauthenticated', detail: 'The API key is unknown or revoked.' };
    case 'unpriced_under_budget': {
      const detail = `The model has no price, and budget "${refusal.budgetName}" caps what this request may cost. Nothing was sent.`;
      return { code: 'model_unpriced', detail };
    }
    case 'budget_exhausted': {
      const [cap, spent, held] = [refusal.capPicoUsd, refusal.spentPicoUsd, refusal.heldPicoUsd].map(
        (picoUsd) => `$${toUsdNumber(BigInt(picoUsd))}`,
      );
      const detail = `Budget "${refusal.budgetName}" of ${cap} does not cover the most that this request can cost: ${spent} spent, ${held} held by requests still running. Nothing was sent.`;
      return { code: 'budget_exhausted', detail };
    }
  }
}

function unavailable(): DomainError {
  const detail = 'The tenant’s limits cannot be checked right now. Nothing was sent.';
  return { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS };
}
