import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { responseCaches } from '../../../durable-objects/stubs.ts';
import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import { EventReader, terminalOf } from '../../harness/event-stream.ts';
import { eventually } from '../../harness/eventually.ts';
import { call } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { completion, playUpstream } from '../../harness/played-upstream.ts';
import { done, send } from '../../harness/send.ts';

const ALL = ['orchestrate:invoke', 'usage:read', 'policies:read', 'policies:write', 'audit:read'];
const SMALL = { provider: 'openai', model: 'gpt-4o-mini' };
const LARGE = { provider: 'openai', model: 'gpt-4o' };
/** What ten tokens of input and five of output cost. */
const COST = 10 * 0.15e-6 + 5 * 0.6e-6;

const mint = () => mintTenant({ scopes: ALL });
const ask = (tenant: TestTenant, cache: string | null, body: object = {}) =>
  call('POST', '/v1/orchestrate', {
    headers: { ...tenant.headers, ...(cache !== null && { 'x-eufm-cache': cache }) },
    body: JSON.stringify({ input: 'hello', providerPreferences: [SMALL], ...body }),
  });
const answerOf = async (tenant: TestTenant, cache: string | null, body: object = {}) => {
  const response = await ask(tenant, cache, body);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return await response.json<OrchestrateResponse>();
};
const textOf = ({ output }: OrchestrateResponse) => (output && 'message' in output ? output.message.content : null);

/** A provider that never says the same twice. */
function counting() {
  let count = 0;
  return playUpstream(() => completion(`answer ${++count}`));
}

const rowsOf = ({ tenantId }: TestTenant) =>
  ownerSql()`select id, task_type, cache_outcome, cost_usd::float8 as cost, saved_usd::float8 as saved,
    coalesce(input_token_count, 0)::int as tokens from requests where tenant_id = ${tenantId} order by id`;

describe('a stored answer', () => {
  it('is given to an equal request, costs nothing, and says so', async () => {
    using upstream = counting();
    const tenant = await mint();
    const first = await ask(tenant, 'ttl=60');
    expect(first.headers.get('cache-status')).toBe('eufm; fwd=miss');
    expect(await first.json()).toMatchObject({ cache: { outcome: 'miss' }, costUsd: COST });
    const second = await ask(tenant, 'ttl=60');
    expect(second.headers.get('cache-status')).toBe('eufm; hit');
    const answer = await second.json<OrchestrateResponse>();
    expect(answer).toMatchObject({ costUsd: 0, ...SMALL, usage: { inputTokens: 10, outputTokens: 5 } });
    expect(answer.cache).toMatchObject({ outcome: 'exact', savedUsd: COST });
    expect(textOf(answer)).toBe('answer 1');
    expect(upstream.calls).toHaveLength(1);
    const rows = await eventually(
      () => rowsOf(tenant),
      (found) => found.length === 2,
    );
    expect(rows).toMatchObject([
      { cache_outcome: 'miss', cost: COST, saved: null, tokens: 10 },
      { cache_outcome: 'exact', cost: 0, saved: COST, tokens: 0 },
    ]);
    const metrics = await done<{ data: unknown[] }>(tenant.headers, 'GET', '/v1/metrics/cache');
    expect(metrics.data).toMatchObject([{ lookups: 2, hits: 1, hitRate: 0.5, savedUsd: '0.0000045', savedTokens: 15 }]);
    const usage = await done<{ data: unknown[] }>(tenant.headers, 'GET', '/v1/metrics/usage?unit=tokens');
    expect(usage.data).toMatchObject([{ value: 15, costUsd: COST }]);
    const latency = await done<{ data: unknown[] }>(tenant.headers, 'GET', '/v1/metrics/latency');
    expect(latency.data).toMatchObject([{ count: 1 }]); // a stored answer says nothing of its provider
    const detail = await done(tenant.headers, 'GET', `/v1/requests/${answer.requestId}`);
    expect(detail).toMatchObject({ cacheOutcome: 'exact', savedUsd: COST, bill: { isExplained: true, costUsd: '0' } });
    const report = await done<{ calls: unknown[] }>(tenant.headers, 'GET', '/v1/residency/report');
    expect(report.calls).toMatchObject([{ provider: 'openai', calls: 1 }]); // nor does it leave the region
  });

  it('control: nobody gets one who does not ask for it, nor is one’s answer stored', async () => {
    using upstream = counting();
    const tenant = await mint();
    expect(await answerOf(tenant, null)).not.toHaveProperty('cache');
    expect(textOf(await answerOf(tenant, 'ttl=60'))).toBe('answer 2');
    expect(textOf(await answerOf(tenant, null))).toBe('answer 3');
    expect(textOf(await answerOf(tenant, 'off'))).toBe('answer 4');
    expect(upstream.calls).toHaveLength(4);
  });

  it('is replaced by a refresh', async () => {
    using _ = counting();
    const tenant = await mint();
    await answerOf(tenant, 'ttl=60');
    expect(textOf(await answerOf(tenant, 'ttl=60, refresh'))).toBe('answer 2');
    expect(textOf(await answerOf(tenant, 'ttl=60'))).toBe('answer 2');
  });

  it.each(['ttl=0', 'ttl=86401', 'ttl', 'on', 'ttl=60, fresh', 'TTL=60'])('is not asked for by %s', async (wish) => {
    const tenant = await mint();
    const response = await ask(tenant, wish);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'bad_request', errors: [{ pointer: '/X-Eufm-Cache' }] });
  });

  it('leaves when its time is over', async () => {
    using _ = counting();
    const tenant = await mint();
    await answerOf(tenant, 'ttl=60');
    const count = async (change: string) => {
      const counts = await Promise.all(
        responseCaches(testEnv, tenant.tenantId).map(async (cache) => {
          const rows = await runInDurableObject(cache, (_object, { storage }) => {
            storage.sql.exec(change);
            return storage.sql.exec<{ rows: number }>('SELECT count(*) AS rows FROM answers').one().rows;
          });
          if (rows > 0) await runDurableObjectAlarm(cache);
          return rows;
        }),
      );
      return counts.reduce((sum, rows) => sum + rows, 0);
    };
    expect(await count('UPDATE answers SET expires_at = expires_at')).toBe(1);
    expect(textOf(await answerOf(tenant, 'ttl=60'))).toBe('answer 1'); // the alarm takes what has expired only
    expect(await count('UPDATE answers SET expires_at = 1')).toBe(1);
    expect(await count('UPDATE answers SET expires_at = expires_at')).toBe(0);
    expect(textOf(await answerOf(tenant, 'ttl=60'))).toBe('answer 2');
  });

  it('is one of the same tenant, environment, model, and question in every detail', async () => {
    using upstream = counting();
    const [tenant, stranger] = await Promise.all([mint(), mint()]);
    const chat = (system: string, content: string) => ({
      messages: [
        { role: 'system', content: system },
        { role: 'user', content },
      ],
    });
    const bodies = [
      { input: chat('be short', 'hello') },
      { input: chat('be long', 'hello') },
      { input: chat('be short', 'hello ') },
      { input: { ...chat('be short', 'hello'), temperature: 0 } },
      { input: { ...chat('be short', 'hello'), maxOutputTokens: 10 } },
      { input: chat('be short', 'hello'), providerPreferences: [LARGE] },
    ];
    for (const body of bodies) await answerOf(tenant, 'ttl=60', body);
    expect(upstream.calls).toHaveLength(bodies.length);
    for (const [at, body] of bodies.entries()) {
      const answer = await answerOf(tenant, 'ttl=60', body);
      expect([textOf(answer), answer.cache?.outcome]).toEqual([`answer ${at + 1}`, 'exact']);
    }
    expect((await answerOf(stranger, 'ttl=60', bodies[0])).cache).toEqual({ outcome: 'miss' });
    const sql = ownerSql();
    const [other] =
      await sql`insert into environments (tenant_id, name, type) values (${tenant.tenantId}, 'other', 'dev')
      returning id`;
    await sql.transaction((sql) => [
      sql`update api_keys set environment_id = ${other?.id} where tenant_id = ${tenant.tenantId}`,
      sql`update tenants set config_version = config_version + 1 where id = ${tenant.tenantId}`,
    ]);
    await done({ ...tenant.headers }, 'POST', '/v1/routing-policies', {
      name: 'publishes',
      strategy: { candidates: [SMALL] },
    });
    expect((await answerOf(tenant, 'ttl=60', bodies[0])).cache).toEqual({ outcome: 'miss' });
    expect(upstream.calls).toHaveLength(bodies.length + 2);
  });

  it('is not given by an account that is not the one to call any more', async () => {
    using upstream = counting();
    const tenant = await mint();
    await answerOf(tenant, 'ttl=60');
    for (const cache of responseCaches(testEnv, tenant.tenantId)) {
      await runInDurableObject(cache, (_object, { storage }) => {
        const [row] = storage.sql.exec<{ answer: string }>('SELECT answer FROM answers').toArray();
        if (!row) return;
        const answer = { ...JSON.parse(row.answer), accountId: crypto.randomUUID() };
        storage.sql.exec('UPDATE answers SET answer = ?', JSON.stringify(answer));
      });
    }
    expect(await answerOf(tenant, 'ttl=60')).toMatchObject({ cache: { outcome: 'miss' } });
    expect(await answerOf(tenant, 'ttl=60')).toMatchObject({ cache: { outcome: 'exact' } });
    expect(upstream.calls).toHaveLength(2);
  });

  it.each(['content_filter', 'something_new'])('is none that ended by %s', async (reason) => {
    using upstream = playUpstream(() => completion('half', reason));
    const tenant = await mint();
    await answerOf(tenant, 'ttl=60');
    expect(await answerOf(tenant, 'ttl=60')).toMatchObject({ cache: { outcome: 'miss' } });
    expect(upstream.calls).toHaveLength(2);
  });

  it('is removed by a purge, with its audit row', async () => {
    using _ = counting();
    const tenant = await mint();
    await answerOf(tenant, 'ttl=60');
    expect((await send(tenant.headers, 'DELETE', '/v1/cache')).status).toBe(204);
    expect(textOf(await answerOf(tenant, 'ttl=60'))).toBe('answer 2');
    const rows = await ownerSql()`select action from audit_logs where tenant_id = ${tenant.tenantId}`;
    expect(rows).toEqual([{ action: 'cache.purged' }]);
  });
});

describe('a hundred equal requests at once', () => {
  it('make one call, and all have its answer', async () => {
    using upstream = counting();
    const tenant = await mint();
    const answers = await Promise.all(Array.from({ length: 100 }, () => answerOf(tenant, 'ttl=60')));
    expect(upstream.calls).toHaveLength(1);
    expect(new Set(answers.map(textOf))).toEqual(new Set(['answer 1']));
    const outcomes = answers.map(({ cache }) => cache?.outcome);
    expect(outcomes.filter((outcome) => outcome === 'miss')).toHaveLength(1);
    expect(new Set(outcomes)).not.toContain('alike');
    expect(answers.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)).toBeCloseTo(COST, 15);
  });

  it('control: who does not ask for stored answers makes a call of its own', async () => {
    using upstream = counting();
    const tenant = await mint();
    await Promise.all(Array.from({ length: 20 }, () => answerOf(tenant, null)));
    expect(upstream.calls).toHaveLength(20);
  });

  it('do not fail with the one that calls: the next of them does', async () => {
    let count = 0;
    using upstream = playUpstream(() =>
      ++count === 1
        ? Response.json({ error: { message: 'no', type: 'invalid_request_error' } }, { status: 400 })
        : completion('at last'),
    );
    const tenant = await mint();
    const responses = await Promise.all(Array.from({ length: 10 }, () => ask(tenant, 'ttl=60')));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(9);
    expect(upstream.calls).toHaveLength(2);
  });
});

describe('a stream', () => {
  const stream = async (tenant: TestTenant, body: object = {}) => {
    const response = await ask(tenant, 'ttl=60', { stream: true, ...body });
    return { response, events: await new EventReader(response).rest() };
  };

  it('is answered with a stored answer, whether that was streamed or not, and stores its own', async () => {
    const tenant = await mintTenant({ providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/whole~${crypto.randomUUID()}` });
    const first = await stream(tenant);
    expect(first.response.headers.get('cache-status')).toBe('eufm; fwd=miss');
    const again = await eventually(
      () => stream(tenant),
      ({ response }) => response.headers.get('cache-status') !== 'eufm; fwd=miss',
    );
    expect(terminalOf(again.events).data).toMatchObject({ costUsd: 0, cache: { outcome: 'exact' } });
    const written = ({ events }: typeof again) =>
      events.flatMap(({ event, data }) => (event === 'text.delta' ? [data.text] : [])).join('');
    expect(written(again)).toBe(written(first));
    expect(textOf(await answerOf(tenant, 'ttl=60'))).toBe(written(first));
  });

  it('that was cut is not stored, and those who wait call for themselves', async () => {
    const id = crypto.randomUUID();
    const tenant = await mintTenant({ providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/cut-2~${id}` });
    const both = await Promise.all([stream(tenant), stream(tenant)]);
    for (const { events } of both) expect(terminalOf(events).event).toBe('failed');
    const told = await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/call/${id}`);
    expect(await told.json()).toMatchObject({ count: 2 });
  });
});

describe('in the words of other APIs', () => {
  const post = (tenant: TestTenant, path: string, body: object) =>
    call('POST', path, { headers: { ...tenant.headers, 'x-eufm-cache': 'ttl=60' }, body: JSON.stringify(body) });
  const messages = [{ role: 'user', content: 'hello' }];

  it.each([
    ['/v1/chat/completions', { model: 'gpt-4o-mini', messages }],
    ['/v1/messages', { model: 'gpt-4o-mini', max_tokens: 100, messages }],
    ['/v1/responses', { model: 'gpt-4o-mini', input: 'hello' }],
  ])('%s gives the very same answer again, as a stream too', async (path, body) => {
    using upstream = counting();
    const tenant = await mint();
    const first = await post(tenant, path, body);
    const second = await post(tenant, path, body);
    expect([first, second].map(({ headers }) => headers.get('cache-status'))).toEqual(['eufm; fwd=miss', 'eufm; hit']);
    expect(second.headers.get('x-eufm-cost-usd')).toBe('0');
    const [one, other] = [await first.text(), await second.text()];
    expect(other).toContain('answer 1');
    if (path === '/v1/chat/completions') expect(other).toBe(one);
    const streamed = await post(tenant, path, { ...body, stream: true });
    expect(streamed.headers.get('cache-status')).toBe('eufm; hit');
    expect(await streamed.text()).toContain('answer 1');
    expect(upstream.calls).toHaveLength(1);
  });

  it('an answer that was streamed brings no warnings of the request that it was made for', async () => {
    const tenant = await mintTenant({ providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/whole~${crypto.randomUUID()}` });
    const ask = async (more: object) => {
      const body = { model: 'gpt-4o-mini', max_tokens: 100, messages, stream: true, ...more };
      const response = await post(tenant, '/v1/chat/completions', body);
      await response.text();
      const { headers } = response;
      return { status: headers.get('cache-status'), warnings: headers.get('x-eufm-warnings') };
    };
    const first = await ask({ one: 1 });
    expect(first).toMatchObject({ status: 'eufm; fwd=miss', warnings: expect.stringContaining('/one') });
    const again = await eventually(
      () => ask({ other: 1 }),
      ({ status }) => status !== 'eufm; fwd=miss',
    );
    expect(again).toMatchObject({ status: 'eufm; hit' });
    expect(JSON.parse(again.warnings ?? '')).toEqual(['/other was ignored: it is not offered here']);
  });
});

describe('a routing policy with a cache', () => {
  const EMBEDDER = { provider: 'openai', model: 'text-embedding-3-small' };
  /** Questions by what they mean: the first two are alike, by 0.98. */
  const MEANINGS: Readonly<Record<string, readonly number[]>> = {
    'How do I reset my password?': [1, 0, 0],
    'I forgot my password, what now?': [0.98, 0.2, 0],
    'What does it cost?': [0, 1, 0],
  };
  const [FIRST = '', ALIKE = '', OTHER = ''] = Object.keys(MEANINGS);
  const play = () => {
    let count = 0;
    return playUpstream(({ path, body }) => {
      if (!path.endsWith('/embeddings')) return completion(`answer ${++count}`);
      const [question = ''] = [body.input].flat() as string[];
      const data = [{ object: 'embedding', index: 0, embedding: MEANINGS[question] ?? [0, 0, 1] }];
      return Response.json({
        object: 'list',
        model: EMBEDDER.model,
        data,
        usage: { prompt_tokens: 7, total_tokens: 7 },
      });
    });
  };
  const policyOf = async (tenant: TestTenant, cache: object) => {
    const strategy = { candidates: [SMALL], cache };
    const { id } = await done<{ id: string }>(tenant.headers, 'POST', '/v1/routing-policies', {
      name: 'cached',
      strategy,
    });
    return (question: string, system = 'be short', more: object = {}) => ({
      providerPreferences: [],
      routingPolicyId: id,
      input: {
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: question },
        ],
        ...more,
      },
    });
  };

  it('needs no header, and one that says `off` goes before it', async () => {
    using upstream = play();
    const tenant = await mint();
    const body = (await policyOf(tenant, { ttlSeconds: 60 }))(FIRST);
    await answerOf(tenant, null, body);
    expect(await answerOf(tenant, null, body)).toMatchObject({ cache: { outcome: 'exact' } });
    expect(await answerOf(tenant, 'off', body)).not.toHaveProperty('cache');
    expect(upstream.calls).toHaveLength(2);
  });

  it('answers a question that is alike, where everything else is equal', async () => {
    using upstream = play();
    const tenant = await mint();
    const body = await policyOf(tenant, { ttlSeconds: 60, semantic: { ...EMBEDDER, threshold: 0.95 } });
    expect(await answerOf(tenant, null, body(FIRST))).toMatchObject({ cache: { outcome: 'miss' } });
    const alike = await answerOf(tenant, null, body(ALIKE));
    expect([textOf(alike), alike.cache?.outcome, alike.costUsd]).toEqual(['answer 1', 'alike', 0]);
    expect(await answerOf(tenant, null, body(OTHER))).toMatchObject({ cache: { outcome: 'miss' } });
    expect(await answerOf(tenant, null, body(ALIKE, 'be long'))).toMatchObject({ cache: { outcome: 'miss' } });
    expect(await answerOf(tenant, null, body(ALIKE, 'be short', { temperature: 0 }))).toMatchObject({
      cache: { outcome: 'miss' },
    });
    const embedded = upstream.calls.filter(({ path }) => path.endsWith('/embeddings'));
    expect(embedded).toHaveLength(5);
    const rows = await eventually(
      () => rowsOf(tenant),
      (found) => found.length === 10,
    );
    const costs = rows
      .filter(({ task_type: type }) => type === 'embedding')
      .map(({ cost, cache_outcome: use }) => [cost, use]);
    expect(costs).toEqual(Array(5).fill([7 * 0.02e-6, null])); // each a request of its own
  });

  it('control: by a higher threshold it is not alike', async () => {
    using _ = play();
    const tenant = await mint();
    const body = await policyOf(tenant, { ttlSeconds: 60, semantic: { ...EMBEDDER, threshold: 0.99 } });
    await answerOf(tenant, null, body(FIRST));
    expect(await answerOf(tenant, null, body(ALIKE))).toMatchObject({ cache: { outcome: 'miss' } });
  });

  it('goes on without a meaning where its model cannot be called', async () => {
    using _ = play();
    const tenant = await mint();
    const body = await policyOf(tenant, { ttlSeconds: 60, semantic: { provider: 'mistral', model: 'none' } });
    expect(await answerOf(tenant, null, body(FIRST))).toMatchObject({ cache: { outcome: 'miss' } });
    expect(await answerOf(tenant, null, body(FIRST))).toMatchObject({ cache: { outcome: 'exact' } });
  });
});
