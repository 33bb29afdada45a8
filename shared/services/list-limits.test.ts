import { describe, expect, it } from 'vitest';
import { limitQuery } from '../contracts/http/limits.ts';
import type { LimitStatus } from '../contracts/limits.ts';
import { listLimits } from './list-limits.ts';

const ENVIRONMENT = '01990000-0000-7000-8000-000000000002';
const KEY = '01990000-0000-7000-8000-000000000003';

const status = (limitId: string, more: Partial<LimitStatus> = {}): LimitStatus => ({
  ...{ limitId, kind: 'rate_limit', ruleId: 'r', name: 'n', unit: 'requests', scope: {}, isEnforced: true },
  ...{ cap: 10n, spent: 4n, held: 3n, leased: 2n, remaining: 1n, thresholdsReached: [] },
  ...{ periodStart: Date.UTC(2026, 10, 1), resetsAt: Date.UTC(2026, 11, 1) },
  ...more,
});

const list = (statuses: readonly LimitStatus[], query: Record<string, string> = {}) =>
  listLimits({ gate: { limits: async () => statuses }, query: limitQuery.parse(query) });

const idsOf = async (statuses: readonly LimitStatus[], query: Record<string, string>) =>
  (await list(statuses, query)).data.map(({ limitId }) => limitId);

describe('listLimits', () => {
  it('is empty where nothing is limited', async () => {
    expect(await list([])).toEqual({ data: [], nextCursor: null });
  });

  it('tells amounts in public units, exactly', async () => {
    const budget = status('b:picoUsd', {
      ...{ kind: 'budget', unit: 'picoUsd', isEnforced: false, thresholdsReached: [50], resetsAt: null },
      ...{ cap: 10n ** 25n + 1n, spent: 1n, held: 10n ** 12n, leased: 0n, remaining: -5n * 10n ** 11n },
    });
    expect((await list([status('a'), budget])).data).toEqual([
      {
        ...{ limitId: 'a', kind: 'rate_limit', ruleId: 'r', name: 'n', unit: 'requests', scope: {}, isEnforced: true },
        ...{ cap: '10', spent: '4', held: '3', leased: '2', remaining: '1', thresholdsReached: [] },
        ...{ periodStart: '2026-11-01T00:00:00.000Z', resetsAt: '2026-12-01T00:00:00.000Z' },
      },
      {
        ...{ limitId: 'b:picoUsd', kind: 'budget', ruleId: 'r', name: 'n', unit: 'cost_usd', scope: {} },
        ...{ cap: '10000000000000.000000000001', spent: '0.000000000001', held: '1', leased: '0', remaining: '-0.5' },
        ...{ isEnforced: false, thresholdsReached: [50], periodStart: '2026-11-01T00:00:00.000Z', resetsAt: null },
      },
    ]);
  });

  it('filters by what is asked for, all of it', async () => {
    const statuses = [
      status('a', { scope: { environmentId: ENVIRONMENT } }),
      status('b', { scope: { environmentId: ENVIRONMENT, apiKeyId: KEY }, unit: 'tokens' }),
      status('c', { kind: 'budget', unit: 'picoUsd', scope: { apiKeyId: KEY } }),
      status('d', { kind: 'quota' }),
    ];
    expect(await idsOf(statuses, {})).toEqual(['a', 'b', 'c', 'd']);
    expect(await idsOf(statuses, { kind: 'rate_limit' })).toEqual(['a', 'b']);
    expect(await idsOf(statuses, { unit: 'cost_usd' })).toEqual(['c']);
    expect(await idsOf(statuses, { environmentId: ENVIRONMENT })).toEqual(['a', 'b']);
    expect(await idsOf(statuses, { apiKeyId: KEY, kind: 'rate_limit' })).toEqual(['b']);
  });

  it('goes through all limits once, in whatever order they come', async () => {
    const statuses = ['c', 'a', 'e', 'b', 'd'].map((id) => status(id));
    const first = await list(statuses, { limit: '2' });
    const second = await list(statuses, { limit: '2', cursor: first.nextCursor ?? '' });
    const third = await list(statuses, { limit: '2', cursor: second.nextCursor ?? '' });
    const pages = [first, second, third].map(({ data }) => data.map(({ limitId }) => limitId));
    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(third.nextCursor).toBeNull();
  });
});
