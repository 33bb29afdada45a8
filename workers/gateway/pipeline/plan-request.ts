import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import { PROVIDERS } from '../../../shared/contracts/names.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { maxCostOf } from '../../../shared/domain/pricing/cost.ts';
import {
  type Candidate,
  chooseCandidate,
  type RoutingRefusal,
} from '../../../shared/domain/routing/choose-candidate.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { ChatRequest, LanguageModelAdapterV1 } from '../../../shared/providers/contract.ts';
import { DEFAULT_MODELS } from '../../../shared/providers/default-models.ts';
import { adapterFor } from '../../../shared/providers/registry.ts';
import { DEFAULT_MAX_OUTPUT_TOKENS } from '../constants.ts';

/** What is called for a request without preferences: the first of these that the tenant has an account for. */
const FALLBACKS = PROVIDERS.map((provider) => ({ provider, model: DEFAULT_MODELS[provider] }));

/** What will be called, with what, and the most that it can use and cost. */
export interface RequestPlan {
  readonly environmentId: string;
  readonly candidate: Candidate;
  readonly adapter: LanguageModelAdapterV1;
  readonly chat: ChatRequest;
  readonly bound: { readonly inputTokens: number; readonly outputTokens: number };
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
  const chosen = chooseCandidate(snapshot, request.providerPreferences, FALLBACKS);
  if (!chosen.ok) return err(toDomainError(chosen.error, snapshot));
  const adapter = adapterFor(chosen.value.offer.provider);
  const chat = toChatRequest(request.input);
  const bound = adapter.bound(chat);
  const maxCostPicoUsd = maxCostOf(chosen.value.offer.components, bound);
  return ok({ environmentId, candidate: chosen.value, adapter, chat, bound, maxCostPicoUsd });
}

function refuseUnsupported(request: OrchestrateRequest): DomainError | null {
  if (request.taskType !== 'chat') {
    return unsupported('/taskType', `taskType "${request.taskType}" is not served; "chat" is.`);
  }
  if (request.async) return unsupported('/async', 'Asynchronous requests are not served; send async: false.');
  if (request.routingPolicyId !== undefined) {
    const detail = 'The tenant has no routing policy with this id.';
    return { code: 'routing_policy_not_found', detail, errors: [{ pointer: '/routingPolicyId', detail }] };
  }
  return null;
}

function unsupported(pointer: string, detail: string): DomainError {
  return { code: 'not_supported', detail, errors: [{ pointer, detail }] };
}

function toChatRequest(input: OrchestrateRequest['input']): ChatRequest {
  if (typeof input === 'string') {
    return { messages: [{ role: 'user', content: input }], maxOutputTokens: DEFAULT_MAX_OUTPUT_TOKENS };
  }
  const { maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS, messages, temperature, topP, stop, seed } = input;
  return {
    messages,
    maxOutputTokens,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(stop !== undefined && { stop }),
    ...(seed !== undefined && { seed }),
  };
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
