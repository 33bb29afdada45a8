import { describe, expect, it } from 'vitest';
import { tenantWith } from '../../../test/harness/admission-tenant.ts';
import { pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { routingTenant } from '../../../test/harness/routing-tenant.ts';
import { runRequest } from '../pipeline/run-request.ts';
import type { GatewayPorts } from '../ports.ts';

const answer = {
  ...{ id: 'x', object: 'chat.completion', created: 1, model: 'small' },
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

/** A request that wants a stored answer, of a tenant whose cache is away. */
function playWithoutCache(find: GatewayPorts['responseCache']) {
  const { input, played } = pipelinePlay({
    snapshot: tenantWith(routingTenant()),
    request: { providerPreferences: [{ provider: 'openai', model: 'small', weight: 1 }] },
    fetch: async () => Response.json(answer),
  });
  const wish = { kind: 'on', ttlSeconds: 60, isRefresh: false } as const;
  return { input: { ...input, cacheWish: wish, ports: { ...input.ports, responseCache: find } }, played };
}

describe('without its cache', () => {
  it('a request is answered as if it were empty, and settled once', async () => {
    const away = () => Promise.reject(new Error('away'));
    const { input, played } = playWithoutCache(() => ({
      ...{ find: away, findAlike: away, keep: away, release: away, purge: away },
    }));
    const result = await runRequest(input);
    await played.over();
    expect(result).toMatchObject({ ok: true, value: { response: { cache: { outcome: 'miss' } } } });
    expect(played.records).toMatchObject([{ status: 'completed', cache: { outcome: 'miss' } }]);
    expect([played.open.size, played.settledTwice]).toEqual([0, []]);
  });

  it('and neither does it fail where what is stored cannot be read', async () => {
    const kept: string[] = [];
    const { input, played } = playWithoutCache(() => ({
      find: async () => ({ state: 'stored', isJoined: false, answer: '{"v":9}', storedAt: 0 }),
      findAlike: async () => null,
      keep: async ({ answer: text }) => void kept.push(text),
      release: async () => {},
      purge: async () => {},
    }));
    expect(await runRequest(input)).toMatchObject({ ok: true, value: { response: { cache: { outcome: 'miss' } } } });
    await played.over();
    expect(kept).toHaveLength(1);
  });
});
