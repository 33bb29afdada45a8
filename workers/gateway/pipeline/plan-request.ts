import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import { PROVIDERS } from '../../../shared/contracts/names.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { maxCostOf } from '../../../shared/domain/pricing/cost.ts';
import {
  type Candidate,
  chooseCandidate,
  type ModelName,
  type RoutingRefusal,
} from '../../../shared/domain/routing/choose-candidate.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { ProviderAdapterV1, UsageBound } from '../../../shared/providers/contract.ts';
import {
  DEFAULT_COMPLETION_MODEL,
  DEFAULT_EMBEDDING_MODELS,
  DEFAULT_MODELS,
} from '../../../shared/providers/default-models.ts';
import { adapterFor } from '../../../shared/providers/registry.ts';
import { boundOf, canServe, type Task, toTask } from './task.ts';

/** What is called for a request without preferences: the first of these that the tenant has an account for. */
const FALLBACKS: Record<Task['kind'], readonly ModelName[]> = {
  chat: PROVIDERS.flatMap((provider) => {
    const model = DEFAULT_MODELS[provider];
    return model === undefined ? [] : { provider, model };
  }),
  completion: [DEFAULT_COMPLETION_MODEL],
  embedding: DEFAULT_EMBEDDING_MODELS,
};

/** What will be called, with what, and the most that it can use and cost. */
export interface RequestPlan {
  readonly environmentId: string;
  readonly candidate: Candidate;
  readonly adapter: ProviderAdapterV1;
  readonly task: Task;
  readonly bound: UsageBound;
  readonly isPriced: boolean;
  readonly maxCostPicoUsd: bigint;
}

/** Decides what a valid request asks of which provider. Pure: nothing is called and nothing is held. */
export function planRequest(
  request: OrchestrateRequest,
  { environmentId, snapshot }: TenantContext,
): Result<RequestPlan, DomainError> {
  const refusal = refuseUnsupported(request);
  if (refusal) return err(refusal);
  if (environmentId === null) {
    const detail = 'An access token is for no environment in particular: name one in the X-Env-Id header.';
    return err({ code: 'bad_request', detail, errors: [{ pointer: 'X-Env-Id', detail: 'required' }] });
  }
  const task = toTask(request);
  if (!task.ok) return task;
  const chosen = chooseCandidate(snapshot, request.providerPreferences, FALLBACKS[request.taskType]);
  if (!chosen.ok) return err(toDomainError(chosen.error, snapshot));
  const { offer } = chosen.value;
  const adapter = adapterFor(offer.provider);
  if (!canServe(task.value, adapter)) {
    return err(unsupported('/taskType', `${offer.provider} does not serve taskType "${request.taskType}".`));
  }
  const bound = boundOf(task.value, adapter);
  return ok({
    environmentId,
    candidate: chosen.value,
    adapter,
    task: task.value,
    bound,
    isPriced: offer.components.length > 0,
    maxCostPicoUsd: maxCostOf(offer.components, bound),
  });
}

function refuseUnsupported(request: OrchestrateRequest): DomainError | null {
  if (request.async) return unsupported('/async', 'Asynchronous requests are not served; send async: false.');
  if (request.stream && request.taskType !== 'chat') return unsupported('/stream', 'Only a chat can be streamed.');
  if (request.routingPolicyId !== undefined) {
    const detail = 'The tenant has no routing policy with this id.';
    return { code: 'routing_policy_not_found', detail, errors: [{ pointer: '/routingPolicyId', detail }] };
  }
  return null;
}

function unsupported(pointer: string, detail: string): DomainError {
  return { code: 'not_supported', detail, errors: [{ pointer, detail }] };
}

function toDomainError(refusal: RoutingRefusal, snapshot: TenantSnapshot): DomainError {
  switch (refusal.reason) {
    case 'no_provider_account':
      return { code: 'model_not_found', detail: 'The tenant has no provider account with a model to call.' };
    case 'unknown_model': {
      const { provider, model } = refusal.preference;
      const names = snapshot.models.filter((offer) => offer.provider === provider).map((offer) => offer.model);
      const detail =
        names.length > 0
          ? `${provider} has no model "${model}". Its models: ${names.join(', ')}.`
          : `The tenant has no account for ${provider}. Models: ${snapshot.models.map((offer) => `${offer.provider}/${offer.model}`).join(', ')}.`;
      return {
        code: 'model_not_found',
        detail,
        errors: [{ pointer: `/providerPreferences/${refusal.index}/model`, detail }],
      };
    }
  }
}
