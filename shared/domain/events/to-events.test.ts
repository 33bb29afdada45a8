import { describe, expect, it } from 'vitest';
import { pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { account, offer, POLICY_ID, policyWith, routingTenant } from '../../../test/harness/routing-tenant.ts';
import { runRequest } from '../../../workers/gateway/pipeline/run-request.ts';
import { EVENT_DATA } from '../../contracts/events.ts';
import { toEvents } from './to-events.ts';

const MODELS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];
const ANSWER = {
  ...{ id: 'x', object: 'chat.completion', model: 'm', usage: { prompt_tokens: 1, completion_tokens: 1 } },
  choices: [{ index: 0, message: { role: 'assistant', content: 'Served.' }, finish_reason: 'stop' }],
};

/** What is told of a request whose first model fails, once it has ended. */
async function toldOf(request: object) {
  const candidates = MODELS.map((model) => ({ provider: 'openai-compatible' as const, model }));
  const { input, played } = pipelinePlay({
    snapshot: routingTenant({
      providerAccounts: [{ ...account('openai-compatible', 'own'), baseUrl: 'http://own.test' }],
      models: MODELS.map((model) => offer('openai-compatible', model, 1)),
      routingPolicies: [policyWith({ candidates })],
    }),
    request,
    fetch: async (_url, init) => Response.json(ANSWER, { status: /"first"/.test(String(init?.body)) ? 500 : 200 }),
  });
  await runRequest(input);
  await played.over();
  const ended = toEvents({ kind: 'recorded', events: played.records, begun: [] }).at(-1);
  return EVENT_DATA['request.completed'].parse(ended?.data);
}

describe('the event of a request that ended', () => {
  it('has the policy that decided where it went, and what became of each that it was sent to', async () => {
    const { routing } = await toldOf({ routingPolicyId: POLICY_ID });
    expect(routing).toMatchObject({ policyId: POLICY_ID, policyVersion: 1, strategy: 'priority', rule: null });
    expect(routing?.candidates.map(({ model, status, errorCode }) => [model, status, errorCode])).toEqual([
      ['first', 'failed', 'provider_failed'],
      ['second', 'served', undefined],
      ['third', 'standby', undefined],
      ['fourth', 'standby', undefined],
    ]);
  });

  it('has nothing of that where there was nothing to choose', async () => {
    const preference = { provider: 'openai-compatible', model: 'second', weight: 1 };
    expect(await toldOf({ providerPreferences: [preference] })).not.toHaveProperty('routing');
  });
});
