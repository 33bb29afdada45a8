import { expect, it } from 'vitest';
import { tenantWith } from '../../../test/harness/admission-tenant.ts';
import { pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { routingTenant } from '../../../test/harness/routing-tenant.ts';
import type { Demand } from '../admission/demand.ts';
import { admitRequest } from './admit-request.ts';

it('a request that is planned anew asks under another name: what was asked before may be about to be canceled', async () => {
  const snapshot = tenantWith(routingTenant());
  const apiKeys = snapshot.apiKeys.map((key) => ({ ...key, scopes: ['orchestrate:invoke' as const] }));
  const { input, played } = pipelinePlay({
    snapshot: { ...snapshot, apiKeys },
    request: { providerPreferences: [{ provider: 'openai', model: 'small', weight: 1 }] },
    fetch: () => Promise.reject(new Error('nothing is called')),
  });
  const asked: Demand[] = [];
  Object.assign(input.session, {
    admitLocally: () => null,
    ask: async (demand: Demand) => {
      asked.push(demand);
      if (asked.length === 1) return { ok: false, error: { reason: 'stale' } };
      return { ok: true, value: { hold: demand.hold, pulse: demand.pulse, draws: [], isDurable: true } };
    },
  });
  expect(await admitRequest(input)).toMatchObject({ ok: true });
  const names = asked.map(({ hold }) => hold.requestId);
  expect(new Set(names).size).toBe(2);
  expect(played.names.at(-1)).toBe(names[1]);
  expect([input.requestId, input.requestIndex]).toEqual([names[1], asked[1]?.index]);
});
