import type { HoldCommand } from '../../../shared/contracts/rpc.ts';
import type { ModelOffer } from '../../../shared/contracts/tenant-snapshot.ts';
import { mostUsedBy } from '../../../shared/domain/admission/amounts-asked.ts';
import { withoutOthers } from '../../../shared/domain/routing/route-request.ts';
import { ok, type Result } from '../../../shared/errors/result.ts';
import { toTraceparent } from '../../../shared/platform/trace-context.ts';
import type { UsageBound } from '../../../shared/providers/contract.ts';
import type { AdmissionRefusal, Admitted, Demand } from '../admission/demand.ts';
import type { AdmittedPlan } from './admit-request.ts';
import { locationOf } from './location-of.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { RequestPlan } from './plan-request.ts';

type Haste = Pick<Demand, 'isHasty'>;

/** Holds for all candidates of a plan, or where a limit has no room for the dearest of them, for the first alone. */
export async function holdPlan(
  input: PipelineInput,
  plan: RequestPlan,
  haste: Haste = {},
): Promise<Result<AdmittedPlan, AdmissionRefusal>> {
  const held = await holdFor(input, plan, haste);
  if (held.ok) return ok({ ...plan, session: input.session, admitted: held.value });
  return plan.alternatives.length > 0 && isTooMuch(held.error) ? await holdPlan(input, alone(plan), haste) : held;
}

/** If the first candidate alone may ask for less: of requests, and of places, each asks for one. */
function isTooMuch(refusal: AdmissionRefusal): boolean {
  if (refusal.reason !== 'limit_reached') return refusal.reason === 'unpriced_under_budget';
  return refusal.limit.unit === 'picoUsd' || refusal.limit.unit === 'tokens';
}

/** A plan without its alternatives. */
function alone(plan: RequestPlan): RequestPlan {
  const { route, failures } = plan;
  return { ...plan, alternatives: [], route: route && withoutOthers(route, failures.length) };
}

/**
 * Sets aside the most that a request can use, whichever of its candidates is called: from the lease of this isolate, or by
 * asking TenantGate.
 */
async function holdFor(
  input: PipelineInput,
  plan: RequestPlan,
  haste: Haste,
): Promise<Result<Admitted, AdmissionRefusal>> {
  const { ports, tenant, session, requestIndex: index, priority, pulse } = input;
  const hold = toHold(input, plan);
  const most = mostUsedBy(hold);
  const demand: Demand = { snapshot: tenant.snapshot, hold, most, index, priority, pulse, ...haste };
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

function toHold(input: PipelineInput, plan: RequestPlan): HoldCommand {
  const { request, tenant, requestId, startedAt, trace, task } = input;
  const { snapshot, actor } = tenant;
  const { offer } = plan.candidate;
  const { alternatives } = plan;
  return {
    requestId,
    environmentId: plan.environmentId,
    apiKeyId: actor.kind === 'api_key' ? actor.apiKeyId : null,
    provider: offer.provider,
    model: offer.model,
    taskType: request.taskType,
    ...(alternatives.length > 0 && { alternatives: alternatives.map(nameOf) }),
    amountPicoUsd: alternatives
      .reduce((most, { maxCostPicoUsd: cost }) => (cost > most ? cost : most), plan.maxCostPicoUsd)
      .toString(),
    isPriced: plan.isPriced && alternatives.every(({ isPriced }) => isPriced),
    bound: alternatives.reduce((most, { bound }) => greaterOf(most, bound), plan.bound),
    priceVersion: snapshot.priceVersion,
    ...(offer.hasOwnPrices && { ownPrices: offer.components }),
    startedAt,
    traceparent: toTraceparent(trace),
    ...(task && { taskId: task.taskId }),
    metadata: request.metadata,
    location: locationOf(input, plan),
  };
}

function nameOf({ candidate: { offer } }: RequestPlan): Pick<ModelOffer, 'provider' | 'model'> {
  return { provider: offer.provider, model: offer.model };
}

function greaterOf(one: UsageBound, other: UsageBound): UsageBound {
  const searches = Math.max(one.searches ?? 0, other.searches ?? 0);
  return {
    inputTokens: Math.max(one.inputTokens, other.inputTokens),
    outputTokens: Math.max(one.outputTokens, other.outputTokens),
    ...(searches > 0 && { searches }),
  };
}
