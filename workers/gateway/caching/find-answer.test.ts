import { describe, expect, it, vi } from 'vitest';
import type { FindReply } from '../../../shared/contracts/response-cache.ts';
import { LEASE_TTL_MS } from '../../../shared/domain/admission/admission-book.ts';
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

it('a request that waits for an answer that another one makes is seen to run, and outlasts its client', async () => {
  vi.useFakeTimers({ now: 1_000 });
  try {
    const { promise: found, resolve } = Promise.withResolvers<FindReply>();
    const none = async () => {};
    const { input, played } = playWithoutCache(() => ({
      ...{ find: () => found, findAlike: async () => null, keep: none, release: none, purge: none },
    }));
    const waitUntil = vi.fn(input.waitUntil);
    const answered = runRequest({ ...input, waitUntil });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(waitUntil).toHaveBeenCalledOnce();
    expect(Date.now() - input.pulse.seenAt).toBeLessThan(LEASE_TTL_MS);
    resolve({ state: 'call' });
    expect(await answered).toMatchObject({ ok: true });
    await played.over();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
