import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { LimitView } from '../../../shared/contracts/http/limits.ts';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import { EventReader, terminalOf } from '../../harness/event-stream.ts';
import { eventually } from '../../harness/eventually.ts';
import { readSnapshot } from '../../harness/gate-tenant.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TenantOptions, testEnv } from '../../harness/mint-tenant.ts';
import { rowOf } from '../../harness/recorded-request.ts';

const SCOPES = ['orchestrate:invoke', 'policies:read', 'policies:write'];
const preferring = { providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };
const ALMOST_FOR_EVER = 366 * 86_400;

type Headers = Record<string, string>;

/** A tenant whose account is at a scripted provider, which tells how often it was called. */
async function mint(script: string, options: TenantOptions = {}) {
  const id = crypto.randomUUID();
  const providerUrl = `${testEnv.SCRIPTED_PROVIDER_URL}/${script}~${id}`;
  const tenant = await mintTenant({ scopes: SCOPES, providerUrl, ...options });
  const provider = async (action: 'call' | 'step'): Promise<{ count: number; end: string }> =>
    await (await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/${action}/${id}`)).json();
  const send = (more: Headers = {}, body: object = {}) =>
    orchestrate({ ...tenant.headers, ...more }, { input: 'hello', ...preferring, ...body });
  const limit = async (path: 'rate-limits' | 'budgets', body: object) => {
    const created = await call('POST', `/v1/${path}`, { headers: tenant.headers, body: JSON.stringify(body) });
    expect(created.status).toBe(201);
  };
  const limits = async () => {
    const response = await call('GET', '/v1/limits', { headers: tenant.headers });
    return (await response.json<{ data: LimitView[] }>()).data;
  };
  return { tenant, provider, send, limit, limits };
}

/** Opens a stream: its answer begins when the request has been admitted. */
function stream(headers: Headers, body: object = {}): Promise<Response> {
  const init = {
    method: 'POST',
    headers,
    body: JSON.stringify({ input: 'hello', ...preferring, stream: true, ...body }),
  };
  return exports.default.fetch('https://gateway.test/v1/orchestrate', init);
}

describe('a refusal', () => {
  const REFUSALS: [string, number, string, (to: Awaited<ReturnType<typeof mint>>) => Promise<unknown>][] = [
    ['a rate of requests', 429, 'rate_limited', ({ limit }) => limit('rate-limits', { maxRequests: 0 })],
    ['a rate of tokens', 429, 'rate_limited', ({ limit }) => limit('rate-limits', { maxTokens: 100 })],
    ['requests at once', 429, 'concurrency_limited', ({ limit }) => limit('rate-limits', { maxConcurrent: 0 })],
    [
      'a budget',
      402,
      'budget_exhausted',
      ({ limit }) => limit('budgets', { name: 'b', amountUsd: '0.000001', period: 'day' }),
    ],
  ];

  it.each(REFUSALS)('by %s is %i %s and never reaches a provider', async (_name, status, code, setLimit) => {
    const to = await mint('silent-answer');
    expect((await to.send()).status).toBe(200);
    expect((await to.provider('call')).count).toBe(1);
    await setLimit(to);
    for (const response of await Promise.all(Array.from({ length: 20 }, () => to.send()))) {
      const problem = await response.json<Problem>();
      expect(problem).toMatchObject({ status, code, limit: { limitId: expect.any(String) } });
      expect(response.headers.has('retry-after')).toBe(status === 429);
    }
    expect((await to.provider('call')).count).toBe(1);
  });

  it('by one of several limits names that one, and draws nothing from the others', async () => {
    const to = await mint('silent-answer');
    await to.limit('rate-limits', { name: 'wide', maxRequests: 100, windowSeconds: ALMOST_FOR_EVER });
    await to.limit('rate-limits', { name: 'narrow', maxRequests: 2, windowSeconds: ALMOST_FOR_EVER });
    const statuses: number[] = [];
    for (let request = 0; request < 5; request++) {
      const response = await to.send();
      statuses.push(response.status);
      if (response.status === 429) expect(await response.json()).toMatchObject({ limit: { name: 'narrow', cap: '2' } });
    }
    expect(statuses).toEqual([200, 200, 429, 429, 429]);
    const spent = await eventually(
      async () => Object.fromEntries((await to.limits()).map(({ name, spent, held }) => [name, `${spent}+${held}`])),
      ({ wide }) => wide === '2+0',
    );
    expect(spent).toMatchObject({ wide: '2+0', narrow: '2+0' });
    expect((await to.provider('call')).count).toBe(2);
  });
});

describe('requests at once', () => {
  it('wait for one another as long as the limit lets them, the most urgent first', async () => {
    const to = await mint('stepwise');
    await to.limit('rate-limits', { maxConcurrent: 1, queueMs: 60_000 });
    const finish = async (response: Response) => {
      const events = new EventReader(response).rest();
      const ended = events.then(() => true);
      await eventually(
        () => Promise.race([ended, to.provider('step').then(() => false)]),
        (isOver) => isOver,
      );
      expect(terminalOf(await events).event).toBe('completed');
    };
    const first = await stream(to.tenant.headers);
    const begun: string[] = [];
    const waiting = ['low', 'normal', 'high'].map(async (priority) => {
      const response = await stream({ ...to.tenant.headers, 'x-eufm-priority': priority });
      begun.push(priority);
      await finish(response);
    });
    await eventually(to.limits, ([limit]) => limit?.held === '1');
    expect([begun, (await to.provider('call')).count]).toEqual([[], 1]);
    await finish(first);
    await Promise.all(waiting);
    expect(begun).toEqual(['high', 'normal', 'low']);
    expect((await to.provider('call')).count).toBe(4);
  });

  it('are refused when the wait is over, by the limit that they waited for', async () => {
    const to = await mint('stepwise');
    await to.limit('rate-limits', { name: 'one', maxConcurrent: 1, queueMs: 100 });
    const first = await stream(to.tenant.headers);
    const refused = await to.send();
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      ...{ code: 'concurrency_limited', limit: { name: 'one', unit: 'concurrent', cap: '1', held: '1', spent: '0' } },
    });
    expect((await to.provider('call')).count).toBe(1);
    await new EventReader(first).leave();
    const after = await eventually(
      () => stream(to.tenant.headers),
      ({ status }) => status === 200,
    );
    expect(after.status).toBe(200);
    await new EventReader(after).leave();
  });
});

describe('M9: a stream that crosses a hard stop', () => {
  const INPUT = { messages: [{ role: 'user', content: 'x' }], maxOutputTokens: 3_000 };
  /** The provider writes 16 Ki characters a chunk, and no tokenizer makes longer tokens than of 16: the third is too much. */
  const CHUNKS = 3;

  it('ends with the chunk that crosses it, bills the hold at most, and leaves the budget uncrossed', async () => {
    const to = await mint('flood');
    await to.limit('budgets', { name: 'cap', amountUsd: '0.002', period: 'total' });
    const events = await new EventReader(await stream(to.tenant.headers, { input: INPUT })).rest();
    const { event, data } = terminalOf(events);
    expect([event, data.code]).toEqual(['budget_exceeded', 'stream_over_hold']);
    expect(events.filter(({ event: name }) => name === 'text.delta')).toHaveLength(CHUNKS);
    const row = await rowOf(to.tenant);
    expect(row).toMatchObject({ status: 'estimated', error_code: 'stream_over_hold' });
    const { end } = await eventually(
      () => to.provider('call'),
      (provider) => provider.end !== 'open',
    );
    expect(end).toBe('aborted');
    const [budget] = (await to.limits()).filter(({ kind }) => kind === 'budget');
    expect(budget).toMatchObject({ cap: '0.002', held: '0', leased: '0' });
    expect(Number(budget?.spent)).toBeCloseTo(row?.cost, 12);
    expect(Number(budget?.spent)).toBeLessThanOrEqual(0.002);

    // What is left does not cover a second one: no provider is called for it.
    const second = await stream(to.tenant.headers, { input: INPUT });
    expect(await second.json()).toMatchObject({ status: 402, limit: { name: 'cap', spent: budget?.spent } });
    expect((await to.provider('call')).count).toBe(1);
  });

  it('control: one that stays within its hold runs to its end', async () => {
    const to = await mint('whole');
    await to.limit('budgets', { name: 'cap', amountUsd: '0.002', period: 'total' });
    const events = await new EventReader(await stream(to.tenant.headers, { input: INPUT })).rest();
    expect(terminalOf(events).event).toBe('completed');
  });
});

describe('A8: a revoked key', () => {
  it('stops within five seconds in an isolate that has been busy with it, and reaches no provider after', async () => {
    const to = await mint('silent-answer');
    const burst = () => Promise.all(Array.from({ length: 40 }, async () => (await to.send()).status));
    for (let round = 0; round < 3; round++) expect(new Set(await burst())).toEqual(new Set([200]));

    await ownerSql()`update tenants set config_version = config_version + 1 where id = ${to.tenant.tenantId}`;
    const newer = await readSnapshot(to.tenant);
    await tenantGate(testEnv, to.tenant.tenantId).publish({ ...newer, apiKeys: [] });
    const last = await eventually(burst, (statuses) => statuses.every((status) => status === 401), 5_000);
    expect(new Set(last)).toEqual(new Set([401]));
    const { count } = await to.provider('call');
    expect(new Set(await burst())).toEqual(new Set([401]));
    expect((await to.provider('call')).count).toBe(count);
  });
});
