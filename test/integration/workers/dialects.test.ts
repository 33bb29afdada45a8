import { describe, expect, it } from 'vitest';
import { eventually } from '../../harness/eventually.ts';
import { call } from '../../harness/gateway-client.ts';
import { addMember, mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

const MODEL = 'gpt-4o-mini';
const json = { 'content-type': 'application/json' };
const messages = [{ role: 'user', content: 'hello' }];

const bearer = ({ apiKey }: TestTenant) => ({ ...json, authorization: `Bearer ${apiKey}` });

const chat = (headers: Record<string, string>, body: object = {}) =>
  call('POST', '/v1/chat/completions', { headers, body: JSON.stringify({ model: MODEL, messages, ...body }) });

const message = (headers: Record<string, string>, body: object = {}) =>
  call('POST', '/v1/messages', { headers, body: JSON.stringify({ model: MODEL, max_tokens: 50, messages, ...body }) });

const warningsOf = (response: Response): string[] => JSON.parse(response.headers.get('x-eufm-warnings') ?? '[]');

async function addPolicy({ tenantId }: TestTenant, name: string, candidates: object[], enabled = true): Promise<void> {
  const strategy = JSON.stringify({ candidates });
  await ownerSql().transaction((sql) => [
    sql`insert into routing_policies (tenant_id, name, strategy, enabled) values (${tenantId}, ${name}, ${strategy}, ${enabled})`,
    sql`update tenants set config_version = config_version + 1 where id = ${tenantId}`,
  ]);
}

describe('a key of a client of another API', () => {
  it('finds its tenant, as bearer or as x-api-key, without a header of ours', async () => {
    const tenant = await mintTenant();
    for (const headers of [bearer(tenant), { ...json, 'x-api-key': tenant.apiKey }]) {
      const response = await chat(headers);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hello from the mock.' } }] });
    }
  });

  it('must belong to a tenant that is named all the same', async () => {
    const [tenant, other] = [await mintTenant(), await mintTenant()];
    expect((await chat({ ...bearer(tenant), 'x-tenant-id': tenant.tenantId })).status).toBe(200);
    const foreign = await chat({ ...bearer(tenant), 'x-tenant-id': other.tenantId });
    expect([foreign.status, await foreign.json()]).toMatchObject([403, { error: { type: 'permission_error' } }]);
  });

  it('is refused in the shape of the API: no key, another vendor’s, a mistyped one', async () => {
    const tenant = await mintTenant();
    for (const key of [undefined, 'sk-proj-of-another-vendor', `${tenant.apiKey}x`]) {
      const headers = key === undefined ? json : { ...json, authorization: `Bearer ${key}` };
      const openai = await chat(headers);
      expect(openai.status).toBe(401);
      expect(await openai.json()).toMatchObject({ error: { code: 'invalid_api_key', message: expect.any(String) } });
      const anthropic = await message({ ...headers, ...(key && { 'x-api-key': key }) });
      expect(anthropic.status).toBe(401);
      expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
      expect(anthropic.headers.get('request-id')).toBe(anthropic.headers.get('x-eufm-request-id'));
    }
  });

  it('can be a person’s access token, which must name the tenant', async () => {
    const tenant = await mintTenant();
    await addMember(tenant, 'developer');
    const token = { ...json, authorization: `Bearer ${testEnv.MEMBER_TOKEN}` };
    expect((await chat(token)).status).toBe(400);
    const named = { ...token, 'x-tenant-id': tenant.tenantId, 'x-env-id': tenant.environmentId };
    expect((await chat(named)).status).toBe(200);
  });

  it('needs the permission to call models', async () => {
    const tenant = await mintTenant({ scopes: ['usage:read'] });
    expect((await chat(bearer(tenant))).status).toBe(403);
    expect((await call('GET', '/v1/models', { headers: bearer(tenant) })).status).toBe(403);
  });
});

describe('the model that a client names', () => {
  it.each([MODEL, `openai/${MODEL}`, 'the-cheap-one'])('can be %s', async (model) => {
    const tenant = await mintTenant();
    await addPolicy(tenant, 'the-cheap-one', [
      { provider: 'openai', model: 'gpt-4o', weight: 1 },
      { provider: 'openai', model: MODEL, weight: 2 },
    ]);
    const response = await chat(bearer(tenant), { model });
    expect(response.headers.get('x-eufm-provider')).toBe('openai');
    expect(response.headers.get('x-eufm-model')).toBe(MODEL);
  });

  it('gives way to the policy header, and to none that is disabled, foreign or unknown', async () => {
    const [tenant, other] = [await mintTenant(), await mintTenant()];
    const candidates = [{ provider: 'openai', model: 'gpt-4o' }];
    await addPolicy(tenant, 'mine', candidates);
    await addPolicy(tenant, 'off', candidates, false);
    await addPolicy(other, 'theirs', candidates);
    const mine = await chat({ ...bearer(tenant), 'x-eufm-policy': 'mine' });
    expect(mine.headers.get('x-eufm-model')).toBe('gpt-4o');
    for (const policy of ['off', 'theirs', 'none']) {
      const response = await chat({ ...bearer(tenant), 'x-eufm-policy': policy });
      expect([response.status, await response.json()]).toMatchObject([
        404,
        { error: { code: 'routing_policy_not_found', message: expect.stringContaining(policy) } },
      ]);
    }
  });

  it('is a routing policy for /v1/orchestrate too', async () => {
    const tenant = await mintTenant();
    await addPolicy(tenant, 'mine', [{ provider: 'openai', model: 'gpt-4o' }]);
    const [row] = await ownerSql()`select id from routing_policies where tenant_id = ${tenant.tenantId}`;
    const body = JSON.stringify({ input: 'hello', routingPolicyId: row?.id });
    const response = await call('POST', '/v1/orchestrate', { headers: tenant.headers, body });
    expect(await response.json()).toMatchObject({ provider: 'openai', model: 'gpt-4o' });
  });

  it('is answered 404 when it is none, with the names that it is like', async () => {
    const tenant = await mintTenant();
    const openai = await chat(bearer(tenant), { model: 'gpt-4o-mimi' });
    expect([openai.status, await openai.json()]).toMatchObject([
      404,
      { error: { code: 'model_not_found', param: 'model', message: expect.stringContaining(MODEL) } },
    ]);
    expect((await message(bearer(tenant), { model: 'claude-haiku-4-5' })).status).toBe(404);
  });

  it('is one of those that GET /v1/models lists, in either form, and of no other tenant', async () => {
    const tenant = await mintTenant();
    await addPolicy(tenant, 'mine', [{ provider: 'openai', model: MODEL }]);
    await addPolicy(await mintTenant(), 'theirs', [{ provider: 'openai', model: MODEL }]);
    const listed = await call('GET', '/v1/models', { headers: bearer(tenant) });
    const { object, data } = await listed.json<{ object: string; data: { id: string; owned_by: string }[] }>();
    expect(object).toBe('list');
    expect(data).toContainEqual(expect.objectContaining({ id: MODEL, owned_by: 'openai' }));
    expect(data).toContainEqual(expect.objectContaining({ id: 'mine', owned_by: 'routing-policy' }));
    const ids = data.map(({ id }) => id);
    expect(ids).not.toContain('theirs');

    const headers = { ...bearer(tenant), 'anthropic-version': '2023-06-01' };
    const paged: string[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const query = after === '' ? '' : `&after_id=${after}`;
      const page = await call('GET', `/v1/models?limit=7${query}`, { headers });
      const answer = await page.json<{ data: { id: string }[]; has_more: boolean; last_id: string }>();
      expect(answer.data.length).toBeLessThanOrEqual(7);
      paged.push(...answer.data.map(({ id }) => id));
      after = answer.has_more ? answer.last_id : null;
    }
    expect(paged).toEqual(ids);
    const before = await call('GET', `/v1/models?limit=2&before_id=${ids[4]}`, { headers });
    expect(await before.json()).toMatchObject({ data: [{ id: ids[2] }, { id: ids[3] }], has_more: true });
  });

  it('can be looked up by each of its names', async () => {
    const tenant = await mintTenant();
    for (const name of [MODEL, `openai%2F${MODEL}`]) {
      const response = await call('GET', `/v1/models/${name}`, { headers: bearer(tenant) });
      expect(await response.json()).toMatchObject({ id: MODEL, object: 'model' });
    }
    const missing = await call('GET', '/v1/models/none', { headers: { ...bearer(tenant), 'anthropic-version': '1' } });
    expect([missing.status, await missing.json()]).toMatchObject([404, { error: { type: 'not_found_error' } }]);
  });
});

describe('an answer to a client of another API', () => {
  it('tells who answered and at what cost, and is recorded as any other request', async () => {
    const tenant = await mintTenant();
    const response = await chat({ ...bearer(tenant), 'x-eufm-metadata': '{"feature":"greeting"}' });
    const requestId = response.headers.get('x-eufm-request-id');
    expect(requestId).toBe(response.headers.get('x-request-id'));
    const read = () => ownerSql()`select id, status, metadata, cost_usd::float8 as cost, input_token_count::int as input
      from requests where tenant_id = ${tenant.tenantId}`;
    const [row] = await eventually(read, (rows) => rows.length > 0);
    expect(row).toMatchObject({ id: requestId, status: 'completed', metadata: { feature: 'greeting' }, input: 11 });
    expect(Number(response.headers.get('x-eufm-cost-usd'))).toBeCloseTo(row?.cost, 12);
  });

  it('is the provider’s own where it speaks the API, field by field', async () => {
    const tenant = await mintTenant();
    const native = await (await chat(bearer(tenant))).json<{ id: string; system_fingerprint?: unknown }>();
    const anthropic = await (await message(bearer(tenant))).json<{ id: string }>();
    expect(native.id).toMatch(/^chatcmpl-/);
    expect(native.id).not.toMatch(/^chatcmpl-[\da-f]{8}-[\da-f]{4}-7/);
    expect(anthropic.id).toMatch(/^msg_[\da-f]{32}$/);
  });

  it('names what was left out, known or not, and nothing else', async () => {
    const tenant = await mintTenant();
    const clean = await chat(bearer(tenant), { max_completion_tokens: 20, logprobs: true });
    expect(warningsOf(clean)).toEqual([]);
    const left = await chat(bearer(tenant), { service_tier: 'priority', frobnicate: { deep: 1 }, user: null });
    expect(warningsOf(left)).toEqual([
      'max_completion_tokens was not set: 4096 applies',
      '/service_tier was ignored: it is not offered here',
      '/frobnicate was ignored: it is not offered here',
    ]);
    const translated = await message(bearer(tenant), { top_k: 3, metadata: { user_id: 'u' } });
    expect(warningsOf(translated)).toEqual([
      'metadata.user_id was ignored: the provider does not support it',
      'topK was ignored: the provider does not support it',
    ]);
  });

  it.each([
    ['anthropic-beta', message],
    ['openai-beta', chat],
  ])('names each feature that %s asks for, and not those of another API', async (name, ask) => {
    const tenant = await mintTenant();
    const beta = (header: string) => ({ ...bearer(tenant), [header]: 'one-2026-01-01, two=v2,' });
    expect(warningsOf(await ask(beta(name), { max_tokens: 5 }))).toEqual([
      `${name}: one-2026-01-01 was ignored: it is not offered here`,
      `${name}: two=v2 was ignored: it is not offered here`,
    ]);
    expect(warningsOf(await ask(beta('other-beta'), { max_tokens: 5 }))).toEqual([]);
  });

  it('keeps warnings in ASCII, and their list within what a header takes', async () => {
    const tenant = await mintTenant();
    const fields = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`größe-${index}`, 1]));
    const response = await chat(bearer(tenant), { max_tokens: 5, ...fields });
    expect(response.headers.get('x-eufm-warnings')).toMatch(/^[\x20-\x7e]{100,9000}$/);
    expect(warningsOf(response)[0]).toContain('größe-0');
    expect(warningsOf(response).at(-1)).toMatch(/^and \d+ more$/);
  });

  it('refuses metadata that is no JSON object, and a body that is not valid, by their names', async () => {
    const tenant = await mintTenant();
    for (const metadata of ['{', '[]', '"text"']) {
      expect((await chat({ ...bearer(tenant), 'x-eufm-metadata': metadata })).status).toBe(400);
    }
    const openai = await chat(bearer(tenant), { messages: [{ role: 'user', content: [{ type: 'text' }] }] });
    expect(await openai.json()).toMatchObject({ error: { param: 'messages[0].content[0].text' } });
    const anthropic = await message(bearer(tenant), { max_tokens: undefined });
    expect(await anthropic.json()).toMatchObject({ error: { message: expect.stringContaining('/max_tokens') } });
  });

  it('has the status, the class and the pause of a failure', async () => {
    const tenant = await mintTenant();
    const asking = (content: string) => ({ messages: [{ role: 'user', content }] });
    const limited = await chat(bearer(tenant), asking('be rate limited'));
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await limited.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
    const overloaded = await message(bearer(tenant), asking('be overloaded'));
    expect(overloaded.status).toBe(529);
    expect(await overloaded.json()).toMatchObject({ error: { type: 'overloaded_error' } });
    const refused = await chat(bearer(tenant), asking('refuse the key'));
    expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([502, 'false']);
    const poor = await mintTenant({ budgetUsd: '0.0000001' });
    const openai = await chat(bearer(poor), { stream: true });
    expect([openai.status, await openai.json()]).toMatchObject([402, { error: { type: 'insufficient_quota' } }]);
    const anthropic = await message(bearer(poor));
    expect([anthropic.status, await anthropic.json()]).toMatchObject([402, { error: { type: 'billing_error' } }]);
  });
});

describe('counting tokens', () => {
  it('is an estimate, and says so, where the provider does not count; nothing is recorded', async () => {
    const tenant = await mintTenant();
    const body = JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'word '.repeat(100) }] });
    const response = await call('POST', '/v1/messages/count_tokens', { headers: bearer(tenant), body });
    const { input_tokens: count } = await response.json<{ input_tokens: number }>();
    expect(count).toBeGreaterThan(90);
    expect(count).toBeLessThan(200);
    expect(warningsOf(response)).toEqual(['the number is an estimate: the provider does not count']);
  });
});
