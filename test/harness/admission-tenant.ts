import type { HoldCommand } from '../../shared/contracts/rpc.ts';
import type { SnapshotBudget, SnapshotRateLimit, TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';

export const ENVIRONMENT = '01990000-0000-7000-8000-00000000000e';
export const API_KEY = '01990000-0000-7000-8000-00000000000f';
export const BUDGET = '01990000-0000-7000-8000-0000000000b0';
export const RATE = '01990000-0000-7000-8000-0000000000a0';
export const USD = 1_000_000_000_000n;

/** A tenant without limits, but for those that are given. */
export function tenantWith(change: Partial<TenantSnapshot>): TenantSnapshot {
  return {
    ...{ v: 1, tenantId: '01990000-0000-7000-8000-000000000001', configVersion: 1, region: 'eu', status: 'active' },
    ...{ plan: 'pro', timeZone: 'UTC', quota: null, budgets: [], rateLimits: [] },
    environments: [{ id: ENVIRONMENT, name: 'dev', type: 'dev' }],
    apiKeys: [{ id: API_KEY, environmentId: ENVIRONMENT, hash: 'hash', scopes: [] }],
    ...{ providerAccounts: [], routingPolicies: [], residencyPolicies: [], models: [] },
    priceVersion: '01990000-0000-7000-8000-00000000000d',
    ...change,
  };
}

export function budget(change: Partial<SnapshotBudget> = {}): SnapshotBudget {
  return {
    ...{ id: BUDGET, name: 'all', amountPicoUsd: `${100n * USD}`, period: 'total', hardStop: true, scope: {} },
    thresholds: [50, 80, 95, 100],
    ...change,
  };
}

export function rate(change: Partial<SnapshotRateLimit> = {}): SnapshotRateLimit {
  return {
    ...{ id: RATE, name: 'rate', environmentId: null, apiKeyId: null, windowSeconds: 60, strategy: 'fixed-window' },
    ...{ maxRequests: null, maxTokens: null, maxConcurrent: null, queueMs: 0 },
    ...change,
  };
}

/** A request that asks to begin, of so much money and 100 tokens at most. */
export function holdOf(requestId: string, picoUsd: bigint, change: Partial<HoldCommand> = {}): HoldCommand {
  return {
    ...{ requestId, environmentId: ENVIRONMENT, apiKeyId: API_KEY, provider: 'openai', model: 'm', taskType: 'chat' },
    ...{ amountPicoUsd: `${picoUsd}`, isPriced: true, bound: { inputTokens: 60, outputTokens: 40 } },
    ...{ priceVersion: '01990000-0000-7000-8000-00000000000d', startedAt: 1_763_780_000_000, metadata: {} },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ...change,
  };
}
