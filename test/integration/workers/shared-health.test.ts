import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { RoutingPolicy } from '../../../shared/contracts/http/routing-policies.ts';
import { TenantSessions } from '../../../workers/gateway/admission/tenant-sessions.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import { KeyUses } from '../../../workers/gateway/identity/key-uses.ts';
import { mintTenant, testEnv } from '../../harness/mint-tenant.ts';
import { playUpstream } from '../../harness/played-upstream.ts';
import { done } from '../../harness/send.ts';

const ISOLATES = 4;
const LARGE = { provider: 'openai', model: 'gpt-4o' };
const SMALL = { provider: 'openai', model: 'gpt-4o-mini' };

/** A gateway's isolate with the real objects behind it; one that is not `told` neither tells of health nor hears of it. */
function isolate(isTold: boolean) {
  const ports = createPorts(testEnv);
  const alone = new TenantSessions({
    ...{ gate: (tenantId, shard) => ports.gate(tenantId, shard), now: () => Date.now() },
    ...{ onNews: () => {}, onFailure: () => {} },
  });
  // When keys were used is written by the clock, long behind the answers.
  const keyUses = new KeyUses({
    ...{ write: async () => {}, wait: async () => {}, now: () => Date.now(), onFailure: () => {} },
  });
  const app = createApp(() => ({ ...ports, keyUses, ...(!isTold && { sessions: alone }) }));
  return async (headers: Record<string, string>, body: object): Promise<OrchestrateResponse> => {
    const context = createExecutionContext();
    const init = { method: 'POST', headers, body: JSON.stringify({ input: 'hello', ...body }) };
    const response = await app.fetch(new Request('https://gateway.test/v1/orchestrate', init), testEnv, context);
    const answer = await response.json<OrchestrateResponse>();
    await waitOnExecutionContext(context); // its gate was told of it
    return answer;
  };
}

async function tenantWith(strategy: object) {
  const tenant = await mintTenant({ scopes: ['orchestrate:invoke', 'policies:write'] });
  const { id } = await done<RoutingPolicy>(tenant.headers, 'POST', '/v1/routing-policies', { name: 'one', strategy });
  return { tenant, asked: { routingPolicyId: id } };
}

/** What an isolate knows of a candidate's latency that five calls of another one, and one of its own, were made to. */
async function latencyTold(isTold: boolean) {
  const { tenant, asked } = await tenantWith({ strategy: 'latency', candidates: [LARGE] });
  using _upstream = playUpstream(() => null);
  const [one, other] = [isolate(isTold), isolate(isTold)];
  for (let request = 0; request < 5; request++) await one(tenant.headers, asked);
  await other(tenant.headers, asked);
  return (await other(tenant.headers, asked)).routing?.candidates[0]?.detail;
}

/** Requests through one isolate after the other, whose first candidate answers so; what served, and how often it was called. */
async function play(answer: () => Response, isTold = true) {
  const { tenant, asked } = await tenantWith({ candidates: [{ ...LARGE, weight: 2 }, SMALL] });
  const isolates = Array.from({ length: ISOLATES }, () => isolate(isTold));
  using upstream = playUpstream(({ body }) => (body.model === LARGE.model ? answer() : null));
  const served = new Set<string | null | undefined>();
  for (let request = 0; request < 3 * ISOLATES; request++) {
    const ask = isolates[request % ISOLATES];
    served.add((await ask?.(tenant.headers, asked))?.model);
  }
  return { served: [...served], calls: upstream.calls.filter(({ body }) => body.model === LARGE.model).length };
}

const tooMany = () =>
  Response.json({ error: { message: 'slow down' } }, { status: 429, headers: { 'retry-after': '60' } });
const broken = () => Response.json({ error: { message: 'broken' } }, { status: 500 });

describe('the health of a tenant’s candidates, over four isolates', () => {
  it('Retry-After: one call is refused, and no isolate makes another', async () => {
    expect(await play(tooMany)).toEqual({ served: [SMALL.model], calls: 1 });
  });

  it('F10: the circuit opens after five failures of all isolates together', async () => {
    expect(await play(broken)).toEqual({ served: [SMALL.model], calls: 5 });
  });

  it('an isolate knows from the calls of another one how fast a candidate answers', async () => {
    expect(await latencyTold(true)).toMatch(/^median \d+ ms$/);
  });

  it('control: isolates that are not told find out each by itself', async () => {
    expect(await latencyTold(false)).toBe('not measured lately');
    expect((await play(tooMany, false)).calls).toBe(ISOLATES);
    expect((await play(broken, false)).calls).toBe(3 * ISOLATES);
  });
});
