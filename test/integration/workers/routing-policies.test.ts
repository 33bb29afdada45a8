import { describe, expect, it } from 'vitest';
import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { RequestDetail } from '../../../shared/contracts/http/requests.ts';
import type { RoutingPolicy, RoutingSimulation } from '../../../shared/contracts/http/routing-policies.ts';
import { providerCredentials } from '../../../shared/crypto/seal-contexts.ts';
import { eventStream } from '../../../shared/providers/testing/answering.ts';
import { continuingResponse } from '../../conformance/continuing-vendor.ts';
import { EventReader, terminalOf } from '../../harness/event-stream.ts';
import { eventually } from '../../harness/eventually.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { playUpstream } from '../../harness/played-upstream.ts';
import { done, refused, send } from '../../harness/send.ts';

const ALL = ['orchestrate:invoke', 'usage:read', 'policies:read', 'policies:write'];
const NOBODYS = '00000000-0000-4000-8000-0000000000ff';
const LARGE = { provider: 'openai', model: 'gpt-4o' };
const SMALL = { provider: 'openai', model: 'gpt-4o-mini' };
const PATH = '/v1/routing-policies';

const mint = (providerUrl?: string) => mintTenant({ scopes: ALL, ...(providerUrl && { providerUrl }) });
const make = ({ headers }: TestTenant, strategy: object, more: object = {}) =>
  done<RoutingPolicy>(headers, 'POST', PATH, { name: 'policy', strategy, ...more });
const ask = async ({ headers }: TestTenant, body: object): Promise<OrchestrateResponse> => {
  const response = await orchestrate(headers, { input: 'hello', ...body });
  return await response.json<OrchestrateResponse>();
};

/** Gives a tenant a second account, of OpenAI's unless it is said, at another address. */
async function addAccount({ tenantId }: TestTenant, label: string, url: string, provider = 'openai'): Promise<void> {
  const id = crypto.randomUUID();
  const sealed = await testEnv.VAULT.seal(
    providerCredentials(tenantId, id),
    JSON.stringify({ apiKey: 'sk-of-the-other-account' }),
  );
  await ownerSql().transaction((sql) => [
    sql`insert into provider_accounts (id, tenant_id, provider, account_label, base_url, encrypted_credentials)
        values (${id}, ${tenantId}, ${provider}, ${label}, ${`${url}/v1`}, ${sealed})`,
    sql`update tenants set config_version = config_version + 1 where id = ${tenantId}`,
  ]);
}

async function auditOf({ tenantId }: TestTenant): Promise<string[]> {
  const rows = await ownerSql()`select action from audit_logs
    where tenant_id = ${tenantId} and target_type = 'routing_policy' order by created_at, id`;
  return rows.map(({ action }) => action);
}

describe('a routing policy', () => {
  it('is made, drafted, published, rolled back and removed, each with one audit row', async () => {
    const tenant = await mint();
    const { headers } = tenant;
    const made = await make(tenant, { candidates: [LARGE] });
    expect(made).toMatchObject({ version: 1, latestVersion: 1, previousVersion: null, draft: null, isDefault: false });
    const by = { routingPolicyId: made.id };
    expect(await ask(tenant, by)).toMatchObject({ model: 'gpt-4o', routing: { policyId: made.id, policyVersion: 1 } });
    const path = `${PATH}/${made.id}`;
    const drafted = await done<RoutingPolicy>(headers, 'PATCH', path, { strategy: { candidates: [SMALL] } });
    expect(drafted).toMatchObject({ version: 1, latestVersion: 2, draft: { candidates: [SMALL] } });
    expect(await ask(tenant, by)).toMatchObject({ model: 'gpt-4o' });
    const published = await done<RoutingPolicy>(headers, 'POST', `${path}/publish`, {});
    expect(published).toMatchObject({ version: 2, previousVersion: 1, draft: null, strategy: { candidates: [SMALL] } });
    expect(await ask(tenant, by)).toMatchObject({ model: 'gpt-4o-mini', routing: { policyVersion: 2 } });
    expect(await done(headers, 'POST', `${path}/rollback`)).toMatchObject({ version: 1, previousVersion: 2 });
    expect(await ask(tenant, by)).toMatchObject({ model: 'gpt-4o' });
    expect(await done(headers, 'POST', `${path}/publish`, { version: 2 })).toMatchObject({ version: 2 });
    expect(await done(headers, 'GET', path)).toMatchObject({ id: made.id, version: 2 });
    expect(await done(headers, 'GET', PATH)).toMatchObject({ data: [{ id: made.id }], nextCursor: null });
    expect((await send(headers, 'DELETE', path)).status).toBe(204);
    expect(await ask(tenant, by)).toMatchObject({ code: 'routing_policy_not_found' });
    const verbs = ['created', 'updated', 'published', 'rolled_back', 'published', 'deleted'];
    expect(await auditOf(tenant)).toEqual(verbs.map((verb) => `routing_policy.${verb}`));
  });

  it.each<[string, object, string]>([
    ['no candidates', { candidates: [] }, '/strategy/candidates'],
    ['an unknown strategy', { strategy: 'luck', candidates: [SMALL] }, '/strategy/strategy'],
    ['an unknown field', { candidates: [{ ...SMALL, wait: 1 }] }, '/strategy/candidates/0/wait'],
    ['a rule that leads nowhere', { candidates: [SMALL], rules: [{ when: 'true' }] }, '/strategy/rules/0'],
    [
      'a condition that is none',
      {
        candidates: [SMALL],
        rules: [{ when: 'true', rules: [{ when: 'tokens.input', use: { candidates: [SMALL] } }] }],
      },
      '/strategy/rules/0/rules/0/when',
    ],
    [
      'a regular expression',
      { candidates: [SMALL], rules: [{ when: 'metadata.a.matches("(a+)+")', use: { candidates: [SMALL] } }] },
      '/strategy/rules/0/when',
    ],
  ])('with %s is refused by the field', async (_name, strategy, pointer) => {
    const { headers } = await mint();
    const problem = await refused(headers, 'POST', PATH, { name: 'policy', strategy });
    expect(problem).toMatchObject({ status: 400, code: 'bad_request', errors: [{ pointer }] });
  });

  it('cannot be published nor rolled back to what is not there, and is nobody else’s', async () => {
    const [tenant, other] = [await mint(), await mint()];
    const { id } = await make(tenant, { candidates: [SMALL] });
    for (const [path, body] of [
      ['publish', {}],
      ['publish', { version: 9 }],
      ['rollback', undefined],
    ] as const) {
      expect(await refused(tenant.headers, 'POST', `${PATH}/${id}/${path}`, body)).toMatchObject({ status: 409 });
      const theirs = await refused(other.headers, 'POST', `${PATH}/${id}/${path}`, body);
      expect(theirs).toEqual(await refused(other.headers, 'POST', `${PATH}/${NOBODYS}/${path}`, body));
      expect(theirs).toMatchObject({ status: 404 });
    }
    expect(
      await refused(tenant.headers, 'POST', PATH, { name: 'policy', strategy: { candidates: [SMALL] } }),
    ).toMatchObject({
      ...{ status: 409, code: 'already_exists' },
    });
  });

  it('decides by its rules: metadata, tools, the tenant', async () => {
    const tenant = await mint();
    const rule = (when: string, model: object) => ({ when, use: { candidates: [model] } });
    const { id: routingPolicyId } = await make(tenant, {
      candidates: [SMALL],
      rules: [
        rule('has(metadata.tier) && metadata.tier >= 2', LARGE),
        { when: 'tenant.environmentType == "dev"', rules: [rule('request.hasTools', LARGE)] },
      ],
    });
    const routed = async (more: object) => {
      const { model, routing } = await ask(tenant, { routingPolicyId, ...more });
      return [model, routing?.rule];
    };
    const input = {
      messages: [{ role: 'user', content: 'hello' }],
      tools: [{ name: 'weather', parameters: { type: 'object', properties: {} } }],
    };
    expect(await routed({})).toEqual(['gpt-4o-mini', null]);
    expect(await routed({ metadata: { tier: 2 } })).toEqual(['gpt-4o', '/rules/0']);
    expect(await routed({ metadata: { tier: 1 } })).toEqual(['gpt-4o-mini', null]);
    expect(await routed({ input })).toEqual(['gpt-4o', '/rules/1/rules/0']);
  });

  it('decides for requests that name nothing when it is the default, one at a time', async () => {
    const tenant = await mint();
    const first = await make(tenant, { candidates: [LARGE] }, { isDefault: true });
    expect(await ask(tenant, {})).toMatchObject({ model: 'gpt-4o', routing: { policyId: first.id } });
    await make(tenant, { candidates: [SMALL] }, { name: 'second', isDefault: true });
    expect(await done(tenant.headers, 'GET', `${PATH}/${first.id}`)).toMatchObject({ isDefault: false });
    expect(await ask(tenant, {})).toMatchObject({ model: 'gpt-4o-mini' });
    const named = await ask(tenant, { providerPreferences: [LARGE] });
    expect([named.model, named.routing]).toEqual(['gpt-4o', undefined]);
    // It has no model that embeds.
    expect(await ask(tenant, { taskType: 'embedding' })).toMatchObject({ model: 'text-embedding-3-small' });
  });

  it('comes behind what the request prefers', async () => {
    const tenant = await mint();
    const { id: routingPolicyId } = await make(tenant, { candidates: [SMALL] });
    const { model, routing } = await ask(tenant, { routingPolicyId, providerPreferences: [LARGE] });
    expect(model).toBe('gpt-4o');
    expect(routing?.candidates).toMatchObject([
      { model: 'gpt-4o', status: 'served', reason: 'preferred' },
      { model: 'gpt-4o-mini', status: 'standby', reason: 'priority' },
    ]);
  });

  it('without a candidate that can serve is an error that says why of each', async () => {
    const tenant = await mint();
    const embeds = { provider: 'openai', model: 'text-embedding-3-small' };
    const { id: routingPolicyId } = await make(tenant, { candidates: [embeds, { ...SMALL, account: 'none' }] });
    expect(await ask(tenant, { routingPolicyId })).toMatchObject({
      ...{ code: 'not_supported', detail: expect.stringContaining('text-embedding-3-small: task_not_served') },
    });
  });
});

describe('a simulation', () => {
  it('says where a request would go and what it would cost, by the draft, and calls nobody', async () => {
    const tenant = await mint(testEnv.CLOSED_URL);
    const { id } = await make(tenant, { candidates: [LARGE] });
    await done(tenant.headers, 'PATCH', `${PATH}/${id}`, {
      strategy: { strategy: 'cost', candidates: [LARGE, SMALL] },
    });
    const request = { input: { messages: [{ role: 'user', content: 'hello' }], maxOutputTokens: 1_000 } };
    const simulated = await done<RoutingSimulation>(tenant.headers, 'POST', `${PATH}/${id}/simulate`, { request });
    expect(simulated).toMatchObject({ version: 2, requests: [{ chosen: { model: 'gpt-4o-mini' }, recorded: null }] });
    expect(Number(simulated.requests[0]?.chosen?.costUsd)).toBeGreaterThan((1_000 * 0.6) / 1e6);
    const live = await done<RoutingSimulation>(tenant.headers, 'POST', `${PATH}/${id}/simulate`, {
      version: 1,
      request,
    });
    expect(live.requests[0]?.chosen?.model).toBe('gpt-4o');
  });

  it('replays the last requests with the tokens that they used', async () => {
    const tenant = await mint();
    const { id } = await make(tenant, { strategy: 'weighted', candidates: [SMALL, LARGE] });
    for (let request = 0; request < 2; request++) await ask(tenant, { providerPreferences: [SMALL] });
    const simulated = await eventually(
      () => done<RoutingSimulation>(tenant.headers, 'POST', `${PATH}/${id}/simulate`, { lastRequests: 10 }),
      ({ requests }) => requests.length === 2,
    );
    // Evenly spread chance: one each. 11 input and 5 output tokens at the two models' prices.
    expect(simulated.requests.map(({ chosen }) => chosen?.model)).toEqual(['gpt-4o-mini', 'gpt-4o']);
    const [small, large] = simulated.requests;
    expect(small?.chosen?.costUsd).toBe(small?.recorded?.costUsd);
    expect(small?.chosen?.latencyMs).toEqual(expect.any(Number));
    expect(large?.chosen).toMatchObject({ costUsd: '0.0000775', latencyMs: null });
    expect(simulated.total).toEqual({ simulatedCostUsd: '0.00008215', recordedCostUsd: '0.0000093', refused: 0 });
  });
});

describe('a candidate that fails', () => {
  const FAILING = 'fails-always';

  async function failing(script: string) {
    const tenant = await mint(testEnv.PROVIDER_URL);
    await addAccount(tenant, 'failing', `${testEnv.SCRIPTED_PROVIDER_URL}/${script}~${crypto.randomUUID()}`);
    const candidates = [
      { ...SMALL, account: 'failing' },
      { ...LARGE, account: 'mock' },
    ];
    const { id: routingPolicyId } = await make(tenant, { candidates });
    return { tenant, routingPolicyId };
  }

  const rowOf = (tenant: TestTenant, id: string) =>
    eventually(
      () => call('GET', `/v1/requests/${id}`, { headers: tenant.headers }),
      ({ status }) => status === 200,
    ).then((response) => response.json<RequestDetail>());

  it('is followed by the next, within one request of one record', async () => {
    const { tenant, routingPolicyId } = await failing(FAILING);
    const { requestId, ...answer } = await ask(tenant, { routingPolicyId });
    expect(answer).toMatchObject({ status: 'completed', model: 'gpt-4o' });
    expect(answer.routing?.candidates).toMatchObject([
      { account: 'failing', status: 'failed', errorCode: 'provider_failed' },
      { account: 'mock', status: 'served' },
    ]);
    const row = await rowOf(tenant, requestId);
    expect(row).toMatchObject({
      model: 'gpt-4o',
      status: 'completed',
      routing: answer.routing,
      bill: { isExplained: true },
    });
    expect(row.attempts.map(({ model, status }) => [model, status])).toEqual([
      ['gpt-4o-mini', 'failed'],
      ['gpt-4o', 'completed'],
    ]);
    const { data } = await done<{ data: unknown[] }>(tenant.headers, 'GET', '/v1/requests');
    expect(data).toHaveLength(1);
  });

  it('and may have been billed, is a record of its own at its estimate', async () => {
    const tenant = await mint(testEnv.PROVIDER_URL);
    await addAccount(tenant, 'gone', testEnv.CLOSED_URL);
    const candidates = [
      { ...SMALL, account: 'gone' },
      { ...LARGE, account: 'mock' },
    ];
    const { id: routingPolicyId } = await make(tenant, { candidates });
    const { requestId, status } = await ask(tenant, { routingPolicyId });
    expect(status).toBe('completed');
    const row = await rowOf(tenant, requestId);
    const failedId = row.attempts[0]?.requestId ?? '';
    expect(await rowOf(tenant, failedId)).toMatchObject({
      ...{ model: 'gpt-4o-mini', status: 'estimated', errorCode: 'provider_failed', outputTokenCount: 4096 },
    });
    expect(row).toMatchObject({ model: 'gpt-4o', status: 'completed', outputTokenCount: 5 });
  });

  it('before the first word of its stream is followed by the next, and after it is not', async () => {
    for (const [script, end, model] of [
      ['cut-0', 'completed', 'gpt-4o'],
      ['cut-3', 'failed', 'gpt-4o-mini'],
    ] as const) {
      const { tenant, routingPolicyId } = await failing(script);
      const response = await orchestrate(tenant.headers, { input: 'hello', stream: true, routingPolicyId });
      const events = await new EventReader(response).rest();
      expect(events.filter(({ event }) => event === 'started')).toMatchObject([{ data: { model } }]);
      expect(terminalOf(events)?.event, script).toBe(end);
    }
  });

  it('within its stream is gone on with by a model that can, where the client asks for it', async () => {
    const whole = 'Hello from two models.';
    const tenant = await mint(testEnv.PROVIDER_URL);
    await addAccount(tenant, 'claude', testEnv.PROVIDER_URL, 'anthropic');
    const claude = { provider: 'anthropic', model: 'claude-haiku-4-5' };
    const candidates = [{ ...SMALL, weight: 2 }, claude];
    const { id: routingPolicyId } = await make(tenant, { candidates });
    for (let earned = 0; earned < 10; earned++) await ask(tenant, { routingPolicyId }); // two calls of the retry budget
    const chunk = { id: 'x', object: 'chat.completion.chunk', model: 'm' };
    const cut = `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta: { content: whole.slice(0, 10) } }] })}\n\n`;
    using upstream = playUpstream(({ path, body }) =>
      path.endsWith('/messages')
        ? continuingResponse('anthropic', whole, JSON.stringify(body))
        : eventStream([cut], { headers: { 'content-type': 'text/event-stream' } }),
    );
    const asked = { input: 'hello', stream: true, routingPolicyId, continueOnFailure: true };
    const events = await new EventReader(await orchestrate(tenant.headers, asked)).rest();
    const continued = events.find(({ event }) => event === 'continued');
    expect(continued?.data).toMatchObject({ ...claude, afterCharacters: 10 });
    const end = terminalOf(events);
    expect(end).toMatchObject({ event: 'completed', data: { output: { message: { content: whole } } } });
    const last = await rowOf(tenant, String(continued?.data.requestId));
    expect(last.attempts).toMatchObject([{ model: SMALL.model, status: 'failed' }, { model: claude.model }]);
    const first = await rowOf(tenant, last.attempts[0]?.requestId ?? '');
    expect(first).toMatchObject({ model: SMALL.model, status: 'estimated', errorCode: 'provider_stream_cut' });
    expect(Number(end.data.costUsd)).toBeCloseTo(Number(first.costUsd) + Number(last.costUsd), 12);

    const spoken = (wish: string) =>
      call('POST', '/v1/chat/completions', {
        headers: { ...tenant.headers, 'x-eufm-policy': routingPolicyId, 'x-eufm-continue': wish },
        body: JSON.stringify({ model: 'any', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
      });
    const text = await (await spoken('true')).text();
    const said = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece);
    expect([said.join(''), text.includes(': eufm-continued {'), text.includes('data: [DONE]')]).toEqual([
      ...[whole, true, true],
    ]);
    expect(await (await spoken('false')).text()).not.toContain('data: [DONE]');
    expect((await spoken('maybe')).status).toBe(400);
    expect(upstream.calls.map(({ path }) => path.endsWith('/messages'))).toEqual([false, true, false, true, false]);
  });

  it('is called alone where a budget has no room for the other', async () => {
    const { tenant, routingPolicyId } = await failing(FAILING);
    const budget = { name: 'small', amountUsd: '0.0000001', period: 'total', scope: { model: 'gpt-4o' } };
    await done(tenant.headers, 'POST', '/v1/budgets', budget);
    expect(await ask(tenant, { routingPolicyId })).toMatchObject({ code: 'provider_failed' });
  });

  it('leaves what it held in the limits of others as it was', async () => {
    const tenant = await mint();
    const { id: routingPolicyId } = await make(tenant, { candidates: [SMALL, LARGE] });
    for (const { model } of [SMALL, LARGE]) {
      await done(tenant.headers, 'POST', '/v1/budgets', {
        name: model,
        amountUsd: '1',
        period: 'total',
        scope: { model },
      });
    }
    expect(await ask(tenant, { routingPolicyId })).toMatchObject({ model: 'gpt-4o-mini' });
    const spent = await eventually(
      async () => {
        const { data } = await done<{ data: { name: string; spent: string; held: string }[] }>(
          ...([tenant.headers, 'GET', '/v1/limits?kind=budget'] as const),
        );
        return data.map(({ name, spent, held }) => `${name} ${spent} ${held}`).toSorted();
      },
      (lines) => lines.some((line) => line.startsWith('gpt-4o-mini 0.000')),
    );
    expect(spent).toEqual(['gpt-4o 0 0', 'gpt-4o-mini 0.00000465 0']);
  });
});
