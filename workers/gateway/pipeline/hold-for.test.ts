import { expect, it } from 'vitest';
import type { LimitUnit } from '../../../shared/contracts/limits.ts';
import { tenantWith } from '../../../test/harness/admission-tenant.ts';
import { pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { routingTenant } from '../../../test/harness/routing-tenant.ts';
import type { Demand } from '../admission/demand.ts';
import { admitRequest } from './admit-request.ts';

it.each([
  ['concurrent', 1],
  ['requests', 1],
  ['tokens', 2],
  ['picoUsd', 2],
] as const)(
  'where %s are short, holds for the first candidate alone only if that asks for less',
  async (unit, times) => {
    const preference = (provider: 'openai' | 'anthropic', model: string) => ({ provider, model, weight: 1 });
    const { input } = pipelinePlay({
      snapshot: tenantWith(routingTenant()),
      request: { providerPreferences: [preference('openai', 'small'), preference('anthropic', 'claude')] },
      fetch: () => Promise.reject(new Error('nothing is called')),
    });
    const asked: Demand[] = [];
    const limit: { readonly unit: LimitUnit; readonly kind: string } = { unit, kind: 'rate_limit' };
    const status = {
      ...limit,
      limitId: 'l',
      name: 'n',
      scope: {},
      cap: 1n,
      spent: 1n,
      held: 0n,
      leased: 0n,
      remaining: 0n,
    };
    Object.assign(input.session, {
      admitLocally: () => null,
      ask: async (demand: Demand) => {
        asked.push(demand);
        const error = {
          reason: 'limit_reached',
          limit: { ...status, resetsAt: null },
          asked: 1n,
          retryAfterMs: 1,
          queueMs: 9,
        };
        return { ok: false, error };
      },
    });
    expect(await admitRequest(input)).toMatchObject({ ok: false });
    expect(asked.map(({ hold }) => hold.alternatives?.length ?? 0)).toEqual([1, 0].slice(0, times));
  },
);
