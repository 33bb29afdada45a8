import { isModelAllowed } from '../../../shared/auth/key-rights.ts';
import type { ConditionFacts } from '../../../shared/conditions/condition.ts';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import { PROVIDERS } from '../../../shared/contracts/names.ts';
import type { SnapshotRoutingPolicy } from '../../../shared/contracts/routing-policy.ts';
import type { SnapshotApiKey, TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import {
  type Candidate,
  candidateNamed,
  type ModelName,
  type ModelPreference,
} from '../../../shared/domain/routing/candidate.ts';
import type { CompiledPolicy, Entry } from '../../../shared/domain/routing/compile-policy.ts';
import { knowsResidency } from '../../../shared/domain/routing/residency.ts';
import { type Route, routeRequest } from '../../../shared/domain/routing/route-request.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import {
  DEFAULT_COMPLETION_MODEL,
  DEFAULT_EMBEDDING_MODELS,
  DEFAULT_MODELS,
} from '../../../shared/providers/default-models.ts';
import { compiledPolicy } from './compiled-policies.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { allowedCandidate, outsideResidency, residencyUnknown } from './refuse-residency.ts';
import { conditionFactsOf, type RoutingWorld, routingFactsOf } from './routing-facts.ts';
import type { Task } from './task.ts';

/** What is called for a request that says nothing: the first of these that the tenant has an account for. */
const DEFAULTS: Record<Task['kind'], readonly ModelName[]> = {
  chat: PROVIDERS.flatMap((provider) => {
    const model = DEFAULT_MODELS[provider];
    return model === undefined ? [] : { provider, model };
  }),
  completion: [DEFAULT_COMPLETION_MODEL],
  embedding: DEFAULT_EMBEDDING_MODELS,
};

/** Where a request goes: first to the first of these. A null route: there was nothing to choose. */
export interface ChosenRoute {
  readonly candidates: readonly Candidate[];
  readonly route: Route | null;
}

export type RoutedInput = Pick<PipelineInput, 'request'> & {
  readonly tenant: Pick<PipelineInput['tenant'], 'snapshot' | 'keyUse'>;
  readonly environmentId: string;
  readonly task: Task;
};

/**
 * Decides where a request goes. What it prefers comes first, then what the policy says that it names; one that names
 * neither goes by the tenant's default policy, and where there is none, or it has nothing for this request, to the
 * platform's default model. A request that names one model goes there, without more ado.
 */
export function chooseRoute(input: RoutedInput, world: RoutingWorld): Result<ChosenRoute, DomainError> {
  const { request, tenant } = input;
  if (!knowsResidency(tenant.snapshot)) return err(residencyUnknown());
  const { providerPreferences: named, routingPolicyId } = request;
  const preferred = preferredOf(named, tenant);
  if (!preferred.ok) return preferred;
  const policy = policyOf(tenant.snapshot, request);
  if (policy === 'unknown') {
    const detail = 'The tenant has no routing policy with this id.';
    return err({ code: 'routing_policy_not_found', detail, errors: [{ pointer: '/routingPolicyId', detail }] });
  }
  const [only] = preferred.value;
  if (only && preferred.value.length === 1 && !policy) return allowedCandidate(tenant.snapshot, [only.candidate]);
  if (!only && !policy) return defaultRoute(input);
  const compiled = policy && compiledPolicy(policy, tenant.snapshot);
  const route = decide(input, preferred.value, compiled, world);
  if (route.taken.length > 0) return ok({ candidates: route.taken.map(({ candidate }) => candidate), route });
  return routingPolicyId === undefined && !only ? defaultRoute(input) : err(nothingTaken(route, tenant));
}

/** The route of a request that prefers something or has a policy. */
export function decide(
  { request, tenant, environmentId, task }: RoutedInput,
  preferred: readonly Entry[],
  policy: CompiledPolicy<ConditionFacts> | null,
  world: RoutingWorld,
): Route {
  const { snapshot } = tenant;
  const facts = routingFactsOf(task, request, tenant, world);
  const { hasTools, hasImages, hasFiles, wantsJson } = facts;
  const subject = {
    ...{ taskType: request.taskType, stream: request.stream, metadata: request.metadata, environmentId },
    needs: { hasTools, hasImages, hasFiles, wantsJson },
    get tokens() {
      return facts.tokens;
    },
  };
  return routeRequest({
    preferred,
    policy,
    facts,
    conditionFacts: conditionFactsOf(subject, snapshot, world.now()),
  });
}

/** What the request itself names. All of it must be there and allowed, so that a typo is told and not skipped. */
export function preferredOf(
  named: readonly ModelPreference[],
  { snapshot, keyUse }: RoutedInput['tenant'],
): Result<readonly Entry[], DomainError> {
  const entries: Entry[] = [];
  for (const [index, preference] of named.entries()) {
    const pointer = `/providerPreferences/${index}/model`;
    if (keyUse && !isModelAllowed(keyUse.apiKey, preference)) return err(notAllowed(keyUse.apiKey, pointer));
    const resolved = candidateNamed(snapshot, preference);
    if (!resolved.ok) return err(unknownModel(preference, snapshot, pointer));
    entries.push({ candidate: resolved.value, weight: preference.weight });
  }
  return ok(entries);
}

function policyOf(
  { routingPolicies }: TenantSnapshot,
  { routingPolicyId, providerPreferences }: OrchestrateRequest,
): SnapshotRoutingPolicy | null | 'unknown' {
  if (routingPolicyId !== undefined) return routingPolicies.find(({ id }) => id === routingPolicyId) ?? 'unknown';
  if (providerPreferences.length > 0) return null;
  return routingPolicies.find(({ isDefault }) => isDefault) ?? null;
}

function defaultRoute({ tenant: { snapshot, keyUse }, task }: RoutedInput): Result<ChosenRoute, DomainError> {
  const allowed = DEFAULTS[task.kind].filter((model) => !keyUse || isModelAllowed(keyUse.apiKey, model));
  if (keyUse && allowed.length === 0) return err(notAllowed(keyUse.apiKey));
  const resolved = allowed.map((model) => candidateNamed(snapshot, model));
  const candidates = resolved.flatMap((each) => (each.ok ? [each.value] : []));
  if (candidates.length > 0) return allowedCandidate(snapshot, candidates);
  return err({ code: 'model_not_found', detail: 'The tenant has no provider account with a model to call.' });
}

/** Why none of the candidates can be called, each with its own reason. */
function nothingTaken({ left }: Route, { snapshot, keyUse }: RoutedInput['tenant']): DomainError {
  const apiKey = keyUse?.apiKey;
  const hasOnly = (...reasons: readonly string[]) => left.every(({ reason }) => reasons.includes(reason));
  if (apiKey && hasOnly('model_not_allowed')) return notAllowed(apiKey);
  const told = left
    .map(({ provider, model, reason, detail }) => `${provider}/${model}: ${reason}${detail ? ` (${detail})` : ''}`)
    .join('; ');
  if (left.some(({ reason }) => reason === 'outside_residency')) return outsideResidency(snapshot, told);
  const detail = `No candidate can serve this request. ${told}`;
  return {
    code: hasOnly('no_account', 'unknown_model', 'region_mismatch') ? 'model_not_found' : 'not_supported',
    detail,
  };
}

function notAllowed({ models = [] }: SnapshotApiKey, pointer?: string): DomainError {
  const detail = `The API key may only call: ${models.join(', ')}.`;
  return { code: 'model_not_allowed', detail, ...(pointer !== undefined && { errors: [{ pointer, detail }] }) };
}

function unknownModel({ provider, model }: ModelName, { models }: TenantSnapshot, pointer: string): DomainError {
  const names = models.filter((offer) => offer.provider === provider).map((offer) => offer.model);
  const detail =
    names.length > 0
      ? `${provider} has no model "${model}". Its models: ${names.join(', ')}.`
      : `The tenant has no account for ${provider}. Models: ${models.map((offer) => `${offer.provider}/${offer.model}`).join(', ')}.`;
  return { code: 'model_not_found', detail, errors: [{ pointer, detail }] };
}
