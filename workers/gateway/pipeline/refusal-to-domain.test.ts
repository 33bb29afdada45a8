import { describe, expect, it } from 'vitest';
import type { LimitStatus } from '../../../shared/contracts/limits.ts';
import type { HoldRefusal } from '../../../shared/contracts/rpc.ts';
import { refusalToDomain } from './refusal-to-domain.ts';

const RULE_ID = '018f4e6a-0000-7000-8000-000000000001';

const BUDGET: LimitStatus = {
  ...{ limitId: `${RULE_ID}:picoUsd`, kind: 'budget', ruleId: RULE_ID, name: 'research', unit: 'picoUsd' },
  scope: { provider: 'openai' },
  ...{ cap: 9_007_199_254_740_993n, spent: 2_500_000_000_000n, held: 1n, leased: 0n, remaining: 0n },
  ...{ isEnforced: true, periodStart: 0, resetsAt: Date.UTC(2026, 11, 1), thresholdsReached: [50] },
};
const QUOTA: LimitStatus = {
  ...{ ...BUDGET, limitId: 'plan:requests', kind: 'quota', ruleId: 'plan', name: 'plan free', unit: 'requests' },
  ...{ scope: {}, cap: 1_000n, spent: 900n, held: 60n, leased: 40n },
};
const RATE: LimitStatus = {
  ...QUOTA,
  limitId: `${RULE_ID}:requests`,
  kind: 'rate_limit',
  ruleId: RULE_ID,
  name: 'ours',
};
const PLACES: LimitStatus = {
  ...{ ...RATE, limitId: `${RULE_ID}:concurrent`, unit: 'concurrent', scope: { apiKeyId: RULE_ID } },
  ...{ cap: 4n, spent: 0n, held: 4n, leased: 0n, resetsAt: null },
};

const reached = (limit: LimitStatus, retryAfterMs: number | null = null): HoldRefusal => ({
  ...{ reason: 'limit_reached', limit, asked: 1n, retryAfterMs, queueMs: 0 },
});

describe('refusalToDomain', () => {
  it('names the budget that has no room, its scope, and held apart from spent, to the pico-dollar', () => {
    const error = refusalToDomain(reached(BUDGET, 5_000));
    expect(error).toMatchObject({
      code: 'budget_exhausted',
      limit: {
        ...{ limitId: BUDGET.limitId, kind: 'budget', unit: 'cost_usd', scope: { provider: 'openai' } },
        ...{ cap: '9007.199254740993', spent: '2.5', held: '0.000000000001', leased: '0' },
      },
    });
    expect(error.detail).toBe(
      'Budget "research" of $9007.199254740993 for provider openai does not cover the most that this request can use: ' +
        '$2.5 spent, $0.000000000001 held by requests still running. Nothing was sent.',
    );
  });

  it('suggests no wait for money or a quota: trying again is of no use', () => {
    for (const limit of [BUDGET, QUOTA])
      expect(refusalToDomain(reached(limit, 5_000))).not.toHaveProperty('retryAfterMs');
    expect(refusalToDomain(reached(QUOTA))).toMatchObject({ code: 'quota_exhausted', limit: { unit: 'requests' } });
  });

  it('says of a rate when there may be room, and what is on its way', () => {
    const error = refusalToDomain(reached(RATE, 42_000));
    expect(error).toMatchObject({ code: 'rate_limited', retryAfterMs: 42_000 });
    expect(error.detail).toBe(
      'Limit "ours" of 1000 requests does not cover the most that this request can use: ' +
        '900 spent, 60 held by requests still running, 40 set aside for requests on their way. Nothing was sent.',
    );
  });

  it.each([0, 1, 999, null])('never tells a client to come back at once (%s ms)', (retryAfterMs) => {
    expect(refusalToDomain(reached(RATE, retryAfterMs))).toMatchObject({ retryAfterMs: 1_000 });
  });

  it('tells nothing as spent of requests at once', () => {
    const error = refusalToDomain(reached(PLACES, 1_000));
    expect(error.code).toBe('concurrency_limited');
    expect(error.detail).toContain(
      `of 4 requests at once for apiKeyId ${RULE_ID} does not cover the most that this request can use: 4 held by`,
    );
  });

  it.each([
    [{ reason: 'stale' }, { code: 'unavailable', retryAfterMs: expect.any(Number) }],
    [{ reason: 'unavailable' }, { code: 'unavailable', retryAfterMs: expect.any(Number) }],
    [{ reason: 'tenant_suspended' }, { code: 'tenant_suspended' }],
    [{ reason: 'key_revoked' }, { code: 'unauthenticated' }],
    [
      { reason: 'unpriced_under_budget', budgetName: 'research' },
      { code: 'model_unpriced', detail: expect.stringContaining('"research"') },
    ],
  ] as const)('%o is told as %o, and as no limit of rates', (refusal, expected) => {
    const error = refusalToDomain(refusal);
    expect(error).toMatchObject(expected);
    expect(error).not.toHaveProperty('limit');
  });
});
