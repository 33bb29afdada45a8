import { expect, it } from 'vitest';
import type { Limit } from '../../../shared/domain/admission/limit.ts';
import { rateFieldsOf } from './rate-fields.ts';

const NOW = Date.UTC(2026, 10, 18, 12);

function limit(more: Partial<Limit> = {}): Limit {
  return {
    ...{ id: 'a:requests', kind: 'rate_limit', ruleId: 'a', name: 'per minute', unit: 'requests', cap: 100n },
    ...{ isEnforced: true, window: { kind: 'fixed-window', ms: 60_000 }, scope: {}, thresholds: [], queueMs: 0 },
    ...more,
  };
}

it('tells quota and window, what is left, and when it is all there again', () => {
  const rates = [{ limitId: 'a:requests', remaining: 42n, resetsAt: NOW + 29_001 }];
  expect(rateFieldsOf([limit()], rates, NOW)).toEqual({
    policy: '"per minute";q=100;w=60',
    limit: '"per minute";r=42;t=30',
  });
});

it('tells of every limit, of tokens by that name, and of a bucket no time', () => {
  const tokens = limit({
    id: 'b:tokens',
    unit: 'tokens',
    name: 'say "ah"',
    window: { kind: 'token-bucket', ms: 1500 },
  });
  const rates = [
    { limitId: 'a:requests', remaining: -3n, resetsAt: NOW },
    { limitId: 'b:tokens', remaining: 7n, resetsAt: null },
  ];
  expect(rateFieldsOf([limit({ name: 'ä' }), tokens], rates, NOW)).toEqual({
    policy: '"a";q=100;w=60, "say \\"ah\\": tokens";q=100;w=2',
    limit: '"a";r=0;t=0, "say \\"ah\\": tokens";r=7',
  });
});

it('says nothing of budgets, of what runs at once, and where TenantGate has said nothing', () => {
  const budget = limit({ kind: 'budget', window: { kind: 'calendar', period: 'day', timeZone: 'UTC' } });
  const open = limit({ unit: 'concurrent', window: { kind: 'open' } });
  const rates = [{ limitId: 'a:requests', remaining: 42n, resetsAt: null }];
  expect(rateFieldsOf([budget, open], rates, NOW)).toBeNull();
  expect(rateFieldsOf([limit()], [], NOW)).toBeNull();
});
