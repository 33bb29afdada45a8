import { isModelAllowed } from '../../../shared/auth/key-rights.ts';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import { PROVIDERS } from '../../../shared/contracts/names.ts';
import type { SnapshotApiKey, TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { maxCostOf } from '../../../shared/domain/pricing/cost.ts';
import {
  type Candidate,
  chooseCandidate,
  type ModelName,
  type ModelPreference,
  type RoutingRefusal,
} from '../../../shared/domain/routing/choose-candidate.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { NativeCalls, NativeRequest, ProviderAdapterV1, UsageBound } from '../../../shared/providers/contract.ts';
import {
  DEFAULT_COMPLETION_MODEL,
  DEFAULT_EMBEDDING_MODELS,
  DEFAULT_MODELS,
} from '../../../shared/providers/default-models.ts';
import { adapterFor } from '../../../shared/providers/registry.ts';
import { boundNative } from './native-bound.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { boundOf, canServe, canStream, type Task, toTask } from './task.ts';

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
  /** The same task in the client's own format, where the provider speaks it: then that is what is sent. */
  readonly native: { readonly request: NativeRequest; readonly calls: NativeCalls } | null;
  /** What of the client's request is not in what is sent. */
  readonly warnings: readonly string[];
  readonly bound: UsageBound;
  readonly isPriced: boolean;
  readonly maxCostPicoUsd: bigint;
}

/** Decides what a valid request asks of which provider. Pure: nothing is called and nothing is held. */
export function planRequest({
  request,
  spoken,
  tenant: { environmentId, snapshot, keyUse },
}: Pick<PipelineInput, 'request' | 'spoken' | 'tenant'>): Result<RequestPlan, DomainError> {
  if (request.async) return err(unsupported('/async', 'Asynchronous requests are not served; send async: false.'));
  if (environmentId === null) {
    const detail = 'An access token is for no environment in particular: name one in the X-Env-Id header.';
    return err({ code: 'bad_request', detail, errors: [{ pointer: 'X-Env-Id', detail: 'required' }] });
  }
  const task = toTask(request);
  if (!task.ok) return task;
  const preferences = preferencesOf(request, snapshot);
  if (!preferences.ok) return preferences;
  const routes = allowedRoutes(request, preferences.value, keyUse?.apiKey);
  if (!routes.ok) return routes;
  const chosen = chooseCandidate(snapshot, routes.value.preferences, routes.value.fallbacks);
  if (!chosen.ok) return err(toDomainError(chosen.error, snapshot));
  const { offer } = chosen.value;
  const adapter = adapterFor(offer.provider);
  if (!canServe(task.value, adapter)) {
    return err(unsupported('/taskType', `${offer.provider} does not serve taskType "${request.taskType}".`));
  }
  if (request.stream && !canStream(task.value, adapter)) {
    return err(unsupported('/stream', `${offer.provider} does not stream taskType "${request.taskType}".`));
  }
  const native = nativeOf(spoken?.native, adapter);
  const isChat = task.value.kind === 'chat';
  const bound =
    native && isChat ? boundNative(native.request, task.value.request, adapter) : boundOf(task.value, adapter);
  return ok({
    environmentId,
    candidate: chosen.value,
    adapter,
    task: task.value,
    native,
    warnings: [...(spoken?.warnings ?? []), ...((native ? spoken?.unsent : spoken?.unsaid) ?? [])],
    bound,
    isPriced: offer.components.length > 0,
    maxCostPicoUsd: maxCostOf(offer.components, bound),
  });
}

/** Where the request may go, by its own preferences or else by its policy's. */
function preferencesOf(
  { providerPreferences, routingPolicyId }: OrchestrateRequest,
  { routingPolicies }: TenantSnapshot,
): Result<readonly ModelPreference[], DomainError> {
  if (providerPreferences.length > 0 || routingPolicyId === undefined) return ok(providerPreferences);
  const policy = routingPolicies.find(({ id }) => id === routingPolicyId);
  if (policy) return ok(policy.candidates);
  const detail = 'The tenant has no routing policy with this id.';
  return err({ code: 'routing_policy_not_found', detail, errors: [{ pointer: '/routingPolicyId', detail }] });
}

interface Routes {
  readonly preferences: readonly ModelPreference[];
  readonly fallbacks: readonly ModelName[];
}

/**
 * What the key may call of where the request may go. A preference that it may not is told and not skipped; of a policy's
 * models and of the defaults, those that it may not are left out.
 */
function allowedRoutes(
  { providerPreferences: named, taskType }: OrchestrateRequest,
  preferences: readonly ModelPreference[],
  apiKey: SnapshotApiKey | undefined,
): Result<Routes, DomainError> {
  const fallbacks = FALLBACKS[taskType];
  if (apiKey?.models === undefined) return ok({ preferences, fallbacks });
  const isAllowed = (model: ModelName) => isModelAllowed(apiKey, model);
  const refused = named.findIndex((preference) => !isAllowed(preference));
  const routes = { preferences: preferences.filter(isAllowed), fallbacks: fallbacks.filter(isAllowed) };
  const isLost = preferences.length > 0 ? routes.preferences.length === 0 : routes.fallbacks.length === 0;
  if (refused < 0 && !isLost) return ok(routes);
  const detail = `The API key may only call: ${apiKey.models.join(', ')}.`;
  const pointer = `/providerPreferences/${refused}/model`;
  return err({ code: 'model_not_allowed', detail, ...(refused >= 0 && { errors: [{ pointer, detail }] }) });
}

function nativeOf(request: NativeRequest | undefined, { native: calls }: ProviderAdapterV1): RequestPlan['native'] {
  return request && calls?.format === request.format ? { request, calls } : null;
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
