import { describe, expect, it } from 'vitest';
import { pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { account, offer, POLICY_ID, policyWith, routingTenant } from '../../../test/harness/routing-tenant.ts';
import { ProviderHealth } from './provider-health.ts';
import { runRequest } from './run-request.ts';

const NOW = 1_763_780_000_000;
const TEXT = 'word '.repeat(2_000);

/** Dear for input, but for what its cache holds; and plain. */
const CACHING = {
  ...offer('openai-compatible', 'caching', 3, 1),
  components: [
    ...offer('openai-compatible', 'caching', 3, 1).components,
    { kind: 'cached_input' as const, picoUsdPerUnit: '1', fromInputTokens: 0 },
  ],
};
const PLAIN = offer('openai-compatible', 'plain', 2, 1);

/** Which model serves requests of these users, when the first one is sent to the model that caches. */
async function servedOf(users: readonly string[], cachedTokens: number): Promise<(string | undefined)[]> {
  const health = new ProviderHealth(() => NOW);
  const candidates = [CACHING, PLAIN].map(({ provider, model }) => ({ provider, model, account: 'own' }));
  const policy = (strategy: string) => policyWith({ strategy, stickyBy: 'metadata.user', candidates });
  const served: (string | undefined)[] = [];
  for (const [at, user] of users.entries()) {
    const { input, played } = pipelinePlay({
      snapshot: routingTenant({
        providerAccounts: [{ ...account('openai-compatible', 'own'), baseUrl: 'http://own.test' }],
        models: [CACHING, PLAIN],
        routingPolicies: [policy(at === 0 ? 'priority' : 'cost')],
      }),
      ...{ request: { input: TEXT, routingPolicyId: POLICY_ID, metadata: { user } }, now: () => NOW, health },
      fetch: async () =>
        Response.json({
          ...{ id: 'x', object: 'chat.completion', model: 'm' },
          choices: [{ index: 0, message: { role: 'assistant', content: 'Served.' }, finish_reason: 'stop' }],
          usage: {
            ...{ prompt_tokens: 2_000, completion_tokens: 1 },
            prompt_tokens_details: { cached_tokens: cachedTokens },
          },
        }),
    });
    const result = await runRequest(input);
    await played.over();
    served.push(result.ok ? result.value.response.model : undefined);
  }
  return served;
}

describe('the strategy cost', () => {
  it('goes back to the model whose prompt cache holds a session’s beginning, for that session alone', async () => {
    expect(await servedOf(['ann', 'ann', 'bob', 'ann'], 1_900)).toEqual(['caching', 'caching', 'plain', 'caching']);
  });

  it('control: where nothing was cached it goes to the cheapest', async () => {
    expect(await servedOf(['ann', 'ann', 'bob', 'ann'], 0)).toEqual(['caching', 'plain', 'plain', 'plain']);
  });
});
