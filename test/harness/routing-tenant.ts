import type { ProviderName } from '../../shared/contracts/names.ts';
import { type SnapshotRoutingPolicy, snapshotRoutingPolicy } from '../../shared/contracts/routing-policy.ts';
import type { ModelOffer, SnapshotProviderAccount, TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import type { RequestFacts } from '../../shared/domain/routing/candidate-filters.ts';
import type { RankingFacts } from '../../shared/domain/routing/rank-candidates.ts';
import type { CircuitFacts } from '../../shared/domain/routing/route-request.ts';
import { tenantWith } from './admission-tenant.ts';

export const POLICY_ID = '01990000-0000-7000-8000-0000000000c0';

export function account(provider: ProviderName, label: string, region?: 'eu' | 'us'): SnapshotProviderAccount {
  return {
    id: `id of ${label}`,
    provider,
    label,
    baseUrl: null,
    sealedCredentials: 'sealed',
    ...(region && { region }),
  };
}

/** A model at so many pico-dollars a token of input and of output; without prices where none is given. */
export function offer(provider: ProviderName, model: string, input?: number, output = input): ModelOffer {
  const component = (kind: 'input' | 'output', price: number | undefined) =>
    price === undefined ? [] : [{ kind, picoUsdPerUnit: String(price), fromInputTokens: 0 }];
  return {
    provider,
    model,
    contextTokens: null,
    components: [...component('input', input), ...component('output', output)],
  };
}

/** A tenant with two accounts at OpenAI and one at each of two others. */
export function routingTenant(change: Partial<TenantSnapshot> = {}): TenantSnapshot {
  return tenantWith({
    providerAccounts: [
      account('openai', 'main', 'us'),
      account('openai', 'europe', 'eu'),
      account('anthropic', 'claude'),
      account('openai-compatible', 'own'),
    ],
    models: [offer('openai', 'large', 20, 40), offer('openai', 'small', 1, 2), offer('anthropic', 'claude', 10, 10)],
    ...change,
  });
}

/** A policy as it is in a snapshot. */
export function policyWith(strategy: object): SnapshotRoutingPolicy {
  return snapshotRoutingPolicy.parse({ id: POLICY_ID, name: 'policy', ...strategy });
}

export type Facts = RequestFacts & RankingFacts & CircuitFacts;

/** A chat of a hundred tokens with nothing special about it, of a key that may call everything; nothing was measured. */
export function chatFacts(change: Partial<Facts> = {}): Facts {
  return {
    ...{ isStream: false, hasTools: false, hasImages: false, hasFiles: false, wantsJson: false, random: 0 },
    residencyPolicies: [],
    tokens: { input: 100, output: 100 },
    capabilitiesOf: () => ({
      ...{ servesTask: true, streamsTask: true, tools: true, vision: true, files: true, structuredOutput: true },
    }),
    isAllowed: () => true,
    performanceOf: () => ({ p50Ms: null, p95Ms: null, errorRate: null }),
    mayCall: () => true,
    sessionOf: () => null,
    cachedSharesFor: () => () => 0,
    ...change,
  };
}
