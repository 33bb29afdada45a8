import { describe, expect, it } from 'vitest';
import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import { EventReader, terminalOf } from '../../harness/event-stream.ts';
import { eventually } from '../../harness/eventually.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

const MODEL = 'gpt-4o-mini';
const preferring = (model: string) => ({ providerPreferences: [{ provider: 'openai', model }] });
/** 11 input and 5 output tokens at $0.15 and $0.60 a million. */
const COST_USD = (11 * 0.15 + 5 * 0.6) / 1e6;

interface RequestRow {
  id: string;
  status: string;
  error_code: string | null;
  provider: string;
  model: string;
  input_token_count: string | null;
  output_token_count: string | null;
  cost_usd: string;
  latency_ms: string | null;
  trace_id: string;
  metadata: unknown;
  attempts: unknown;
}

async function rowsOf({ tenantId }: TestTenant): Promise<RequestRow[]> {
  return (await ownerSql()`select * from requests where tenant_id = ${tenantId} order by id`) as RequestRow[];
}

const recorded = (tenant: TestTenant, count = 1) =>
  eventually(
    () => rowsOf(tenant),
    (rows) => rows.length >= count,
  );

async function usageOf(tenant: TestTenant, unit: string): Promise<{ value: number; costUsd: number }> {
  const response = await call('GET', `/v1/metrics/usage?unit=${unit}`, { headers: tenant.headers });
  const { data } = await response.json<{ data: { value: number; costUsd: number }[] }>();
  return data.reduce((sum, item) => ({ value: sum.value + item.value, costUsd: sum.costUsd + item.costUsd }), {
    value: 0,
    costUsd: 0,
  });
}

describe('POST /v1/orchestrate', () => {
  it('answers, and records provider, model, tokens, cost, latency, trace and metadata', async () => {
    const tenant = await mintTenant();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const headers = { ...tenant.headers, traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    const metadata = { feature: 'greeting', ünïcode: ['☃'] };
    const response = await orchestrate(headers, { input: 'hello', ...preferring(MODEL), metadata });
    const body = await response.json<OrchestrateResponse>();
    expect(body).toMatchObject({
      status: 'completed',
      output: {
        message: { role: 'assistant', content: 'Hello from the mock.' },
        finishReason: 'stop',
        rawFinishReason: 'stop',
      },
      provider: 'openai',
      model: MODEL,
      usage: { inputTokens: 11, outputTokens: 5 },
      trace: { traceId },
    });
    expect(body.costUsd).toBeCloseTo(COST_USD, 12);
    expect(body.requestId).toBe(response.headers.get('x-request-id'));
    expect(response.headers.get('traceparent')).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    const [row] = await recorded(tenant);
    expect(row).toMatchObject({
      id: body.requestId,
      status: 'completed',
      provider: 'openai',
      model: MODEL,
      input_token_count: '11',
      output_token_count: '5',
      trace_id: traceId,
      metadata,
    });
    expect(Number(row?.cost_usd)).toBe(body.costUsd);
    expect(Number(row?.latency_ms)).toBe(body.latencyMs);
  });

  it('counts a hundred concurrent requests once each, in rows and in metrics', async () => {
    const tenant = await mintTenant();
    const ask = async () => {
      const response = await orchestrate(tenant.headers, { input: 'hello', ...preferring(MODEL) });
      const answer = await response.json<OrchestrateResponse>();
      expect(answer).toMatchObject({ status: 'completed' });
      return answer.requestId;
    };
    const first = await ask(); // so that the tenant is known: each request to a new one reads its configuration
    const ids = [first, ...(await Promise.all(Array.from({ length: 99 }, ask)))];
    const rows = await recorded(tenant, 100);
    expect(rows.map(({ id }) => id)).toEqual(ids.sort());
    expect(await usageOf(tenant, 'requests')).toMatchObject({ value: 100 });
    expect(await usageOf(tenant, 'tokens')).toMatchObject({ value: 1600 });
    expect((await usageOf(tenant, 'cost_usd')).value).toBeCloseTo(100 * COST_USD, 12);
  });

  it('calls the default model when no preference is given, and the heaviest preference otherwise', async () => {
    const tenant = await mintTenant();
    const first = await (await orchestrate(tenant.headers, { input: 'hello' })).json<OrchestrateResponse>();
    expect(first.provider).toBe('openai');
    const providerPreferences = [
      { provider: 'openai', model: 'gpt-4o', weight: 1 },
      { provider: 'openai', model: MODEL, weight: 2 },
    ];
    const second = await orchestrate(tenant.headers, { input: 'hello', providerPreferences });
    expect(await second.json()).toMatchObject({ model: MODEL });
  });

  it('names the models that exist when one does not', async () => {
    const tenant = await mintTenant();
    const unknown = await orchestrate(tenant.headers, { input: 'hello', ...preferring('gpt-nonsense') });
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({
      code: 'model_not_found',
      detail: expect.stringContaining(MODEL),
      errors: [{ pointer: '/providerPreferences/0/model' }],
    });
    const noAccount = await orchestrate(tenant.headers, {
      input: 'hi',
      providerPreferences: [{ provider: 'anthropic', model: 'claude' }],
    });
    expect(await noAccount.json()).toMatchObject({
      code: 'model_not_found',
      detail: expect.stringContaining(`openai/${MODEL}`),
    });
  });

  it.each([
    ['streaming of anything but a chat', { taskType: 'embedding', stream: true }, 'not_supported'],
    ['an input of another task’s form', { taskType: 'completion', input: { texts: ['a'] } }, 'bad_request'],
    ['a routing policy that does not exist', { routingPolicyId: crypto.randomUUID() }, 'routing_policy_not_found'],
    ['an unknown field', { streem: true }, 'bad_request'],
  ])('refuses %s, and calls nobody', async (_name, more, code) => {
    const tenant = await mintTenant({ providerUrl: testEnv.CLOSED_URL });
    const response = await orchestrate(tenant.headers, { input: 'hello', ...more });
    expect(await response.json()).toMatchObject({ status: 400, code });
  });
});

describe('other tasks', () => {
  it('embeds texts, one vector for each', async () => {
    const tenant = await mintTenant();
    const response = await orchestrate(tenant.headers, { taskType: 'embedding', input: { texts: ['one', 'two'] } });
    const body = await response.json<OrchestrateResponse>();
    expect(body).toMatchObject({ status: 'completed', model: 'text-embedding-3-small', provider: 'openai' });
    expect(body.output).toEqual({
      embeddings: [
        [0.25, 0.5],
        [0.25, 0.5],
      ],
    });
  });

  it('completes a prompt', async () => {
    const tenant = await mintTenant({
      providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/text-answer~${crypto.randomUUID()}`,
    });
    const response = await orchestrate(tenant.headers, { taskType: 'completion', input: 'Once upon' });
    expect(await response.json()).toMatchObject({
      model: 'gpt-3.5-turbo-instruct',
      output: { text: ' a time.', finishReason: 'stop', rawFinishReason: 'stop' },
      usage: { inputTokens: 2, outputTokens: 3 },
    });
  });

  it('hands tools to the model and its calls back, whole and streamed alike', async () => {
    const tenant = await mintTenant();
    const tools = [
      {
        name: 'weather',
        description: 'Weather of a city',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
      },
    ];
    const input = { messages: [{ role: 'user', content: 'use the tool' }], tools, toolChoice: 'auto' };
    const calls = [{ id: expect.any(String), name: 'weather', arguments: '{"city":"Köln"}' }];
    const output = { message: { toolCalls: calls }, finishReason: 'tool-calls', rawFinishReason: 'tool_calls' };
    const whole = await orchestrate(tenant.headers, { input, ...preferring(MODEL) });
    expect(await whole.json()).toMatchObject({ output });
    const streamed = await orchestrate(tenant.headers, { input, stream: true, ...preferring(MODEL) });
    const events = await new EventReader(streamed).rest();
    expect(terminalOf(events)).toMatchObject({ event: 'completed', data: { output } });
    expect(events.filter(({ event }) => event === 'tool_call.completed').map(({ data }) => data)).toEqual(calls);
  });
});

describe('a provider that fails', () => {
  it.each([
    ['be rate limited', 429, 'provider_rate_limited', '7'],
    ['be overloaded', 503, 'provider_overloaded', expect.any(String)],
    ['refuse the key', 502, 'provider_auth_failed', null],
    ['refuse the request', 400, 'provider_rejected', null],
    ['break', 502, 'provider_failed', null],
  ])('asked to %s: a typed error, and a failed request that costs nothing', async (input, status, code, retryAfter) => {
    const tenant = await mintTenant();
    const response = await orchestrate(tenant.headers, { input, ...preferring(MODEL) });
    expect(await response.json()).toMatchObject({ status, code });
    expect(response.headers.get('retry-after')).toEqual(retryAfter);
    const [row] = await recorded(tenant);
    expect(row).toMatchObject({ status: 'failed', error_code: code, input_token_count: null });
    expect(Number(row?.cost_usd)).toBe(0);
  });

  it('is called again after a failure, as far as earlier calls have earned it', async () => {
    const tenant = await mintTenant({
      providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/fails-1st-and-7th~${crypto.randomUUID()}`,
    });
    const statuses: number[] = [];
    for (let request = 0; request < 7; request++) {
      statuses.push((await orchestrate(tenant.headers, { input: 'hello', ...preferring(MODEL) })).status);
    }
    expect(statuses).toEqual([502, 200, 200, 200, 200, 200, 200]);
    const rows = await recorded(tenant, 7);
    expect(rows).toHaveLength(7);
    const called = rows.map(({ attempts }) => attempts).filter((attempts) => attempts !== null);
    expect(called).toEqual([
      [
        expect.objectContaining({ provider: 'openai', status: 'failed', errorCode: 'provider_failed' }),
        expect.objectContaining({ provider: 'openai', status: 'estimated', errorCode: null }),
      ],
    ]);
  });

  it('that is lost on the way is billed at the hold: nobody can tell what had arrived', async () => {
    const tenant = await mintTenant({ providerUrl: testEnv.CLOSED_URL });
    const response = await orchestrate(tenant.headers, { input: 'hello', ...preferring(MODEL) });
    expect(response.status).toBe(502);
    const [row] = await recorded(tenant);
    expect(row).toMatchObject({
      id: response.headers.get('x-request-id'),
      status: 'estimated',
      error_code: 'provider_failed',
    });
  });

  it('whose answer tells no usage is billed at the hold, marked estimated', async () => {
    const tenant = await mintTenant({
      providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/silent-answer~${crypto.randomUUID()}`,
    });
    const response = await orchestrate(tenant.headers, { input: 'hello', ...preferring(MODEL) });
    expect(await response.json()).toMatchObject({ status: 'completed', costUsd: null, usage: null });
    const [row] = await recorded(tenant);
    expect(row).toMatchObject({ status: 'estimated', output_token_count: '4096' });
    expect(Number(row?.cost_usd)).toBeGreaterThan(4096 * 0.6e-6);
  });
});

describe('a model without a price', () => {
  const body = { input: 'hello', providerPreferences: [{ provider: 'openai-compatible', model: 'anything-it-has' }] };

  it('runs where no cap applies, and says that its cost is not counted', async () => {
    const tenant = await mintTenant({ provider: 'openai-compatible' });
    const response = await orchestrate(tenant.headers, body);
    expect(await response.json()).toMatchObject({
      status: 'completed',
      costUsd: null,
      warnings: [expect.stringContaining('no price')],
    });
    const [row] = await recorded(tenant);
    expect(row).toMatchObject({ model: 'anything-it-has', input_token_count: '11' });
    expect(Number(row?.cost_usd)).toBe(0);
  });

  it('runs under a hard stop at the price that the tenant gave it, which its row keeps', async () => {
    const tenant = await mintTenant({ provider: 'openai-compatible', budgetUsd: '1' });
    await ownerSql()`insert into price_overrides (tenant_id, provider, model, kind, pico_usd_per_unit)
      values (${tenant.tenantId}, 'openai-compatible', 'anything-it-has', 'input', 1000), (${tenant.tenantId}, 'openai-compatible', 'anything-it-has', 'output', 2000)`;
    const response = await orchestrate(tenant.headers, body);
    expect(await response.json()).toMatchObject({
      status: 'completed',
      costUsd: (11 * 1000 + 5 * 2000) / 1e12,
      warnings: [],
    });
    await recorded(tenant);
    const [row] = await ownerSql()`select own_prices from requests where tenant_id = ${tenant.tenantId}`;
    expect(row?.own_prices).toHaveLength(2);
  });

  it('does not run under a hard stop', async () => {
    const tenant = await mintTenant({
      provider: 'openai-compatible',
      budgetUsd: '1000',
      providerUrl: testEnv.CLOSED_URL,
    });
    const response = await orchestrate(tenant.headers, body);
    expect(await response.json()).toMatchObject({
      status: 402,
      code: 'model_unpriced',
      detail: expect.stringContaining('"cap"'),
    });
  });
});

describe('a hard-stop budget', () => {
  it('refuses with 402 what it does not cover, before any provider is called', async () => {
    const tenant = await mintTenant({ budgetUsd: '0.000001', providerUrl: testEnv.CLOSED_URL });
    const response = await orchestrate(tenant.headers, { input: 'hello', ...preferring(MODEL) });
    expect(await response.json()).toMatchObject({
      status: 402,
      code: 'budget_exhausted',
      detail: expect.stringContaining('"cap"'),
    });
  });

  it('is never passed by concurrent requests, which are refused by what is held', async () => {
    const most = (4096 * 0.6 + 200 * 0.15) / 1e6;
    const tenant = await mintTenant({ budgetUsd: (most * 3).toFixed(12) });
    const statuses = await Promise.all(
      Array.from(
        { length: 20 },
        async () => (await orchestrate(tenant.headers, { input: 'hello', ...preferring(MODEL) })).status,
      ),
    );
    const served = statuses.filter((status) => status === 200).length;
    expect(new Set(statuses)).toEqual(new Set([200, 402]));
    const rows = await recorded(tenant, served);
    expect(rows).toHaveLength(served);
    expect(rows.reduce((sum, row) => sum + Number(row.cost_usd), 0)).toBeLessThanOrEqual(most * 3);
  });
});
