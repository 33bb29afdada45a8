import type { HoldCommand } from '../../../shared/contracts/rpc.ts';
import { ok, type Result } from '../../../shared/errors/result.ts';
import { toTraceparent } from '../../../shared/platform/trace-context.ts';
import type { AdmissionRefusal, Admitted, Demand } from '../admission/tenant-session.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';

/** Sets aside the most that a request can use: from the lease of this isolate, or by asking TenantGate. */
export async function holdFor(input: PipelineInput, plan: RequestPlan): Promise<Result<Admitted, AdmissionRefusal>> {
  const { ports, tenant, session, requestIndex: index, priority } = input;
  const { inputTokens, outputTokens } = plan.bound;
  const most = { picoUsd: plan.maxCostPicoUsd, tokens: BigInt(inputTokens + outputTokens) };
  const demand: Demand = { snapshot: tenant.snapshot, hold: toHold(input, plan), most, index, priority };
  const admitted = session.admitLocally(demand);
  if (admitted) session.tellSoon(input.waitUntil);
  const result = admitted
    ? ok(admitted)
    : await ports.spans.run('gate.hold', { 'eufm.tenant_id': tenant.tenantId }, () =>
        session.ask(demand, input.waitUntil),
      );
  input.tellRates(session.rateFieldsFor(demand));
  return result;
}

function toHold({ request, tenant, requestId, startedAt, trace }: PipelineInput, plan: RequestPlan): HoldCommand {
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
  };
}
