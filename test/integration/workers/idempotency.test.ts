import { abortAllDurableObjects, runDurableObjectAlarm } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { idempotencyStore } from '../../../durable-objects/stubs.ts';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import { eventually } from '../../harness/eventually.ts';
import { call } from '../../harness/gateway-client.ts';
import { ASK, changeKeys, type KeyedTenant, keysOf, mintKeyedTenant, STREAM } from '../../harness/keyed-tenant.ts';
import { addAccount, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

const bytesOf = async (response: Response) => [...new Uint8Array(await response.arrayBuffer())].join(' ');
const codeOf = async (response: Response) => (await response.json<Problem>()).code;

const billedOf = ({ tenantId }: TestTenant, count: number) =>
  eventually(
    () => ownerSql()`select id, status from requests where tenant_id = ${tenantId}`,
    (rows) => rows.length >= count,
  );

/** Waits until the provider has been called so often. */
const called = (to: KeyedTenant, count: number) =>
  eventually(
    () => to.calls(),
    (calls) => calls.count >= count,
  );

describe('a request with an Idempotency-Key', () => {
  it('F4: a hundred at once run once, and all get that answer or are told to wait', async () => {
    const to = await mintKeyedTenant('silent-answer');
    await to.ask(null); // the tenant is known here
    const all = await Promise.all(Array.from({ length: 100 }, () => to.ask('one')));
    const answered = all.filter(({ status }) => status === 200);
    const waiting = all.filter(({ status }) => status === 409);
    expect([answered.length + waiting.length, (await to.calls()).count]).toEqual([100, 2]);
    for (const refused of waiting) {
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await codeOf(refused)).toBe('idempotency_in_flight');
    }
    const again = await to.ask('one');
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const bodies = await Promise.all([...answered, again].map(bytesOf));
    expect(new Set(bodies).size).toBe(1);
    expect(await billedOf(to.tenant, 2)).toHaveLength(2);
  });

  it('F4, control: without a key, or with a key each, every one of them runs', async () => {
    const to = await mintKeyedTenant('silent-answer');
    const keys = [null, null, null, 'a', 'b', 'c'];
    const all = await Promise.all(keys.map((key) => to.ask(key)));
    expect(all.map(({ status }) => status)).toEqual(keys.map(() => 200));
    expect((await to.calls()).count).toBe(keys.length);
    expect(all.every(({ headers }) => !headers.has('idempotent-replayed'))).toBe(true);
    expect(await billedOf(to.tenant, keys.length)).toHaveLength(keys.length);
  });

  it('gets the kept answer with its headers, and an id of its own', async () => {
    const to = await mintKeyedTenant('silent-answer');
    const body = JSON.stringify({ model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] });
    const chat = () => to.ask('"quoted"', { path: '/v1/chat/completions', body });
    const [first, second] = [await chat(), await chat()];
    expect(first.status).toBe(200);
    const kept = ['content-type', 'x-eufm-provider', 'x-eufm-model', 'x-eufm-cost-usd', 'x-eufm-warnings'];
    for (const name of kept) expect(second.headers.get(name)).toBe(first.headers.get(name));
    expect(second.headers.get('x-eufm-original-request-id')).toBe(first.headers.get('x-request-id'));
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(await bytesOf(second)).toBe(await bytesOf(first));
    const bare = await to.ask('quoted', { path: '/v1/chat/completions', body });
    expect(bare.headers.get('idempotent-replayed')).toBe('true');
    expect((await to.calls()).count).toBe(1);
  });

  it('F5: is refused with a body of one byte more, another path, method, query or credential, and does nothing', async () => {
    const to = await mintKeyedTenant('silent-answer', {
      scopes: ['orchestrate:invoke', 'policies:write', 'keys:write'],
    });
    expect((await to.ask('used')).status).toBe(200);
    const chat = JSON.stringify({ model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] });
    const budget = JSON.stringify({ name: 'b', amountUsd: '1', period: 'day' });
    const others = [
      { body: ASK.replace('hello', 'hellp') },
      { body: `${ASK} ` },
      { path: '/v1/chat/completions', body: chat },
      { path: '/v1/budgets', body: budget },
      { path: `/v1/budgets/${crypto.randomUUID()}`, method: 'DELETE', body: null },
      { path: '/v1/orchestrate?again=1' },
      { headers: { 'x-env-id': to.tenant.environmentId } },
    ];
    for (const other of others) {
      const refused = await to.ask('used', other);
      expect([other, refused.status]).toEqual([other, 422]);
      if (other.path !== '/v1/chat/completions') expect(await codeOf(refused)).toBe('idempotency_key_reused');
    }
    expect((await to.calls()).count).toBe(1);
    expect(await ownerSql()`select 1 from budgets where tenant_id = ${to.tenant.tenantId}`).toHaveLength(0);
    const made = await to.ask(null, {
      path: '/v1/api-keys',
      body: JSON.stringify({ name: 'other', scopes: ['orchestrate:invoke'] }),
    });
    const { key } = await made.json<{ key: string }>();
    expect((await to.ask('used', { headers: { 'x-api-key': key } })).status).toBe(422);
    expect((await to.calls()).count).toBe(1);
  });

  it('F5, control: what is refused with this key is done with another', async () => {
    const to = await mintKeyedTenant('silent-answer', { scopes: ['orchestrate:invoke', 'policies:write'] });
    expect((await to.ask('used')).status).toBe(200);
    expect((await to.ask('new', { body: `${ASK} ` })).status).toBe(200);
    const body = JSON.stringify({ name: 'b', amountUsd: '1', period: 'day' });
    expect((await to.ask('newer', { path: '/v1/budgets', body })).status).toBe(201);
    expect((await to.calls()).count).toBe(2);
  });

  it('F6: replays at 23 h 59 min; at 25 h it is a new request, billed once', async () => {
    const to = await mintKeyedTenant('silent-answer');
    const first = await to.ask('day');
    const text = await first.text();
    await changeKeys(to.tenant, `UPDATE keys SET claimed_at = claimed_at - ${24 * HOUR - MINUTE}`);
    const replayed = await to.ask('day');
    expect([replayed.headers.get('idempotent-replayed'), await replayed.text()]).toEqual(['true', text]);
    expect((await to.calls()).count).toBe(1);
    await changeKeys(to.tenant, `UPDATE keys SET claimed_at = claimed_at - ${HOUR + MINUTE}`);
    const renewed = await to.ask('day');
    expect([renewed.status, renewed.headers.get('idempotent-replayed')]).toEqual([200, null]);
    expect((await to.ask('day')).headers.get('idempotent-replayed')).toBe('true');
    expect((await to.calls()).count).toBe(2);
    expect(await billedOf(to.tenant, 2)).toHaveLength(2);
  });

  it('leaves nothing behind after a day', async () => {
    const to = await mintKeyedTenant('silent-answer');
    await to.ask('old');
    await to.ask('old as well');
    expect(await keysOf(to.tenant, 'bodies')).toHaveLength(2);
    await changeKeys(to.tenant, `UPDATE keys SET claimed_at = claimed_at - ${24 * HOUR + MINUTE}`);
    for (let shard = 0; shard < 16; shard++) {
      await runDurableObjectAlarm(idempotencyStore(testEnv, { kind: 'tenant', id: to.tenant.tenantId }, shard));
    }
    expect([...(await keysOf(to.tenant, 'keys')), ...(await keysOf(to.tenant, 'bodies'))]).toEqual([]);
  });

  it('never meets another tenant’s', async () => {
    const [to, other] = [await mintKeyedTenant('silent-answer'), await mintKeyedTenant('silent-answer')];
    const [mine, theirs] = [await to.ask('same'), await other.ask('same')];
    expect([mine.status, theirs.status]).toEqual([200, 200]);
    expect(theirs.headers.has('idempotent-replayed')).toBe(false);
    expect(await mine.text()).not.toBe(await theirs.text());
    expect([(await to.calls()).count, (await other.calls()).count]).toEqual([1, 1]);
    expect((await to.ask('same')).headers.get('idempotent-replayed')).toBe('true');
  });

  it.each(['', 'ü', 'k'.repeat(256)])('is refused with a key that is none: %j', async (key) => {
    const to = await mintKeyedTenant('silent-answer');
    const headers = { ...to.tenant.headers, 'idempotency-key': key };
    const refused = await call('POST', '/v1/orchestrate', { headers, body: ASK });
    expect([refused.status, (await refused.json<Problem>()).errors?.[0]?.pointer]).toEqual([400, 'Idempotency-Key']);
    expect((await to.calls()).count).toBe(0);
  });
});

describe('a failure', () => {
  it('that nothing was done for leaves the key free, so that a retry can succeed', async () => {
    const to = await mintKeyedTenant('silent-answer', { scopes: ['orchestrate:invoke', 'policies:write'] });
    const poor = { name: 'cap', amountUsd: '0.00000001', period: 'day' };
    const made = await to.ask(null, { path: '/v1/budgets', body: JSON.stringify(poor) });
    const { id } = await made.json<{ id: string }>();
    const refused = await to.ask('try');
    expect([refused.status, await codeOf(refused)]).toEqual([402, 'budget_exhausted']);
    const body = JSON.stringify({ input: 'x', providerPreferences: [{ provider: 'openai', model: 'none' }] });
    expect((await to.ask('try', { body })).status).toBe(400);
    await to.ask(null, { method: 'PATCH', path: `/v1/budgets/${id}`, body: JSON.stringify({ amountUsd: '5' }) });
    expect((await to.ask('try')).status).toBe(200);
    expect((await to.calls()).count).toBe(1);
  });

  it('of a provider that cannot have billed it leaves the key free', async () => {
    const to = await mintKeyedTenant('silent-answer', { providerUrl: testEnv.PROVIDER_URL });
    const body = JSON.stringify({ ...JSON.parse(ASK), input: 'be rate limited' });
    const [first, second] = [await to.ask('try', { body }), await to.ask('try', { body })];
    expect([first.status, second.status]).toEqual([429, 429]);
    expect(second.headers.has('idempotent-replayed')).toBe(false);
  });

  it('of a provider that may have billed it is kept: a retry is not billed again', async () => {
    const to = await mintKeyedTenant('cut-0');
    const [first, second] = [await to.ask('try'), await to.ask('try')];
    expect([first.status, second.status]).toEqual([502, 502]);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await bytesOf(second)).toBe(await bytesOf(first));
    const rows = await billedOf(to.tenant, 1);
    expect(rows.map(({ status }) => status)).toEqual(['estimated']);
    expect((await to.calls()).count).toBe(1);
  });

  it('behind which another provider was called is kept when the first may have billed it', async () => {
    const to = await mintKeyedTenant('cut-0');
    const second = { provider: 'perplexity', model: 'sonar' } as const;
    await addAccount(to.tenant, second.provider, testEnv.PROVIDER_URL);
    const request = { ...JSON.parse(ASK), input: 'be rate limited' };
    const [preference] = request.providerPreferences;
    const both = JSON.stringify({ ...request, providerPreferences: [{ ...preference, weight: 2 }, second] });
    const [first, again] = [await to.ask('both', { body: both }), await to.ask('both', { body: both })];
    expect([first.status, again.status, again.headers.get('idempotent-replayed')]).toEqual([429, 429, 'true']);
    const rows = await billedOf(to.tenant, 2);
    expect(rows.map(({ status }) => status).toSorted()).toEqual(['estimated', 'failed']);
    expect((await to.calls()).count).toBe(1);
    const only = JSON.stringify({ ...request, providerPreferences: [second] });
    const [control, free] = [await to.ask('one', { body: only }), await to.ask('one', { body: only })];
    expect([control.status, free.headers.has('idempotent-replayed')]).toEqual([429, false]);
  });
});

describe('a stream with an Idempotency-Key', () => {
  const open = (to: KeyedTenant) => to.ask('stream', { body: STREAM });

  it('is replayed as a stream, byte for byte', async () => {
    const to = await mintKeyedTenant('whole');
    const first = await open(to);
    const bytes = await bytesOf(first);
    const second = await open(to);
    expect(second.headers.get('content-type')).toBe('text/event-stream');
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await bytesOf(second)).toBe(bytes);
    expect((await to.calls()).count).toBe(1);
    expect(await billedOf(to.tenant, 1)).toHaveLength(1);
  });

  it('is handed on as it comes, and cannot be joined while it runs', async () => {
    const to = await mintKeyedTenant('stepwise');
    const first = await open(to);
    const reader = first.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('started');
    const joining = await open(to);
    expect([joining.status, joining.headers.get('retry-after')]).toEqual([409, '1']);
    const { detail } = await joining.json<Problem>();
    expect(detail).toContain(first.headers.get('x-request-id'));
    await abortAllDurableObjects();
    expect((await open(to)).status).toBe(409);
    expect((await to.calls()).count).toBe(1);
    await reader?.cancel();
  });

  it('that its client left is not run again: the retry is told which request it was', async () => {
    const to = await mintKeyedTenant('stepwise');
    const first = await open(to);
    const reader = first.body?.getReader();
    await reader?.read();
    await called(to, 1);
    await reader?.cancel();
    const retry = () => open(to);
    const lost = await eventually(
      async () => (await retry()).json<Problem>(),
      ({ code }) => code !== 'idempotency_in_flight',
    );
    expect(lost).toMatchObject({ status: 409, code: 'idempotency_answer_lost', retry: 'never' });
    expect(lost.detail).toContain(first.headers.get('x-request-id'));
    expect((await to.calls()).count).toBe(1);
    expect(await billedOf(to.tenant, 1)).toHaveLength(1);
  });

  it('that failed before anything was billed leaves the key free', async () => {
    const to = await mintKeyedTenant('error');
    const first = await (await open(to)).text();
    expect(first).toContain('event: failed');
    const second = await open(to);
    expect([second.headers.has('idempotent-replayed'), (await second.text()).includes('event: failed')]).toEqual([
      false,
      true,
    ]);
    expect((await to.calls()).count).toBe(2);
  });

  it('that broke off is replayed with the event that says so', async () => {
    const to = await mintKeyedTenant('cut-2');
    const bytes = await bytesOf(await open(to));
    const second = await open(to);
    expect([second.headers.get('idempotent-replayed'), await bytesOf(second)]).toEqual(['true', bytes]);
    expect((await to.calls()).count).toBe(1);
  });
});

describe('a request whose isolate was never heard of again', () => {
  it('is not run again where it calls a provider', async () => {
    const to = await mintKeyedTenant('silent-answer');
    const first = await to.ask('crash');
    await changeKeys(to.tenant, 'UPDATE keys SET answer = NULL, deadline = 0');
    await changeKeys(to.tenant, 'DELETE FROM bodies');
    await abortAllDurableObjects();
    const retry = await to.ask('crash');
    const { code, detail } = await retry.json<Problem>();
    expect([retry.status, code]).toEqual([409, 'idempotency_answer_lost']);
    expect(detail).toContain(first.headers.get('x-request-id'));
    expect((await to.calls()).count).toBe(1);
    expect(await billedOf(to.tenant, 1)).toHaveLength(1);
  });
});
