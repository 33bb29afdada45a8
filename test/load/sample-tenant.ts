import type { HoldCommand } from '../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import { unitOf } from '../../shared/domain/admission/limit.ts';
import type { RequestOutcome } from '../../shared/domain/admission/request-event.ts';

const PLENTY = 1_000_000_000;
const [ENVIRONMENT, API_KEY] = ['01990000-0000-7000-8000-00000000000e', '01990000-0000-7000-8000-00000000000f'];
const USAGE = { inputTokens: 211, outputTokens: 84 };

/** The most that one of its requests can use, and what each does use. */
export const MOST = { picoUsd: 200_000_000n, tokens: 500n };
export const USED = { picoUsd: 82_050_000n, tokens: 295n, isCounted: true };
export const OUTCOME: RequestOutcome = {
  ...{ revision: 1, status: 'completed', errorCode: null, usage: USAGE },
  ...{ costPicoUsd: USED.picoUsd.toString(), latencyMs: 812, endedAt: 1_763_780_000_812 },
};

/** What one request uses of a limit. */
export function usedOf(limitId: string): bigint {
  switch (unitOf(limitId)) {
    case 'picoUsd':
      return USED.picoUsd;
    case 'tokens':
      return USED.tokens;
    case 'requests':
      return 1n;
    case 'concurrent':
      return 0n;
  }
}

export function holdOf(requestId: string): HoldCommand {
  return {
    ...{ requestId, environmentId: ENVIRONMENT, apiKeyId: API_KEY, provider: 'openai', model: 'gpt-4o-mini' },
    ...{ taskType: 'chat', amountPicoUsd: MOST.picoUsd.toString(), isPriced: true },
    bound: { inputTokens: 244, outputTokens: 256 },
    ...{ priceVersion: '01990000-0000-7000-8000-00000000000d', startedAt: 1_763_780_000_000, metadata: {} },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
}

/** A tenant with a budget, a rate limit of three units and a quota. */
export function snapshotOf(tenantId: string): TenantSnapshot {
  const budget = { scope: {}, hardStop: true, thresholds: [50, 80, 95, 100] };
  const rates = {
    environmentId: null,
    apiKeyId: null,
    windowSeconds: 60,
    strategy: 'fixed-window',
    queueMs: 0,
  } as const;
  const maxima = { maxRequests: PLENTY, maxTokens: PLENTY, maxConcurrent: PLENTY };
  return {
    ...{ v: 1, tenantId, configVersion: 1, region: 'eu', status: 'active', plan: 'enterprise', timeZone: 'UTC' },
    environments: [{ id: ENVIRONMENT, name: 'dev', type: 'dev' }],
    apiKeys: [{ id: API_KEY, environmentId: ENVIRONMENT, hash: 'hash', scopes: [] }],
    ...{ providerAccounts: [], routingPolicies: [], residencyPolicies: [], models: [] },
    budgets: [
      { id: crypto.randomUUID(), name: 'all', amountPicoUsd: `${PLENTY}${'0'.repeat(12)}`, period: 'month', ...budget },
    ],
    rateLimits: [{ id: crypto.randomUUID(), name: 'all', ...rates, ...maxima }],
    quota: { maxRequests: PLENTY },
    priceVersion: '01990000-0000-7000-8000-00000000000d',
  };
}
