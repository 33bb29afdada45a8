import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { TaskDetailView } from '../../../shared/contracts/http/tasks.ts';
import { FOLLOWER_LOOK_MS } from '../../../workers/gateway/tasks/constants.ts';
import { eventually } from '../../harness/eventually.ts';
import { readSnapshot } from '../../harness/gate-tenant.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { rowOf } from '../../harness/recorded-request.ts';
import { done } from '../../harness/send.ts';
import { FROM_HERE, signedIn } from '../../harness/signed-in.ts';
import { faultsIn, type TaskEvent, TaskEventReader, textOf } from '../../harness/task-events.ts';
import { bringDue, runnerFor } from '../../harness/task-orders.ts';

const SCOPES = ['tasks:read', 'tasks:write', 'orchestrate:invoke'];
const HELLO = { input: 'hello', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };
const TEXT = 'Hello from a scripted provider.';

type Headers = Readonly<Record<string, string>>;

async function scripted(script: string) {
  const id = crypto.randomUUID();
  const providerUrl = `${testEnv.SCRIPTED_PROVIDER_URL}/${script}~${id}`;
  const tenant = await mintTenant({ scopes: SCOPES, providerUrl });
  const provider = async (action: 'call' | 'step'): Promise<{ count: number; end: string }> =>
    await (await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/${action}/${id}`)).json();
  return { tenant, provider };
}

async function created(headers: Headers, body: object = {}): Promise<string> {
  const response = await call('POST', '/v1/tasks', {
    headers,
    body: JSON.stringify({ ...HELLO, stream: true, ...body }),
  });
  expect(response.status).toBe(202);
  return (await response.json<{ id: string }>()).id;
}

const follow = (headers: Headers, id: string, more: Headers = {}, query = '') =>
  exports.default.fetch(`https://gateway.test/v1/tasks/${id}/stream${query}`, { headers: { ...headers, ...more } });

async function followed(tenant: TestTenant, id: string): Promise<TaskEvent[]> {
  return new TaskEventReader(await follow(tenant.headers, id)).rest();
}

async function taskOf(tenant: TestTenant, id: string): Promise<TaskDetailView> {
  return (await call('GET', `/v1/tasks/${id}`, { headers: tenant.headers })).json();
}

const namesOf = (events: readonly TaskEvent[]) => events.map(({ event }) => event);

describe('GET /v1/tasks/{id}/stream', () => {
  it('tells of the attempt, each piece, and the end with its cost; bills once; and tells the same again afterwards', async () => {
    const { tenant } = await scripted('whole');
    const id = await created(tenant.headers);
    const response = await follow(tenant.headers, id);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = await new TaskEventReader(response).rest();
    expect(namesOf(events)).toEqual([
      ...['task.status', 'attempt', 'started'],
      ...['text.delta', 'text.delta', 'text.delta', 'text.delta', 'text.delta', 'task.ended'],
    ]);
    expect(faultsIn(events)).toEqual({ gaps: 0, duplicates: 0 });
    expect(textOf(events)).toBe(TEXT);
    const task = await taskOf(tenant, id);
    expect(task).toMatchObject({ status: 'succeeded', output: { message: { content: TEXT } } });
    expect(events.at(-1)).toMatchObject({
      data: { status: 'succeeded', attempt: 1, costUsd: task.costUsd, errorCode: null },
    });
    expect(events[2]?.data.requestId).toBe(task.executions[0]?.requestId);
    expect(await rowOf(tenant)).toMatchObject({ status: 'completed', input: 11, output: 5 });
    expect(await followed(tenant, id)).toEqual(events);
  });

  it('keeps byte for byte the output that the same task without a stream has', async () => {
    const tenant = await mintTenant({ scopes: SCOPES });
    const outputs = await Promise.all(
      [true, false].map(async (stream) => {
        const id = await created(tenant.headers, { stream });
        await followed(tenant, id);
        return JSON.stringify((await taskOf(tenant, id)).output);
      }),
    );
    expect(outputs[0]).toContain('Hello from the mock.');
    expect(outputs[0]).toBe(outputs[1]);
  });

  it('tells of a task without a stream its changes, and its output as a whole', async () => {
    const tenant = await mintTenant({ scopes: SCOPES });
    const executeAt = new Date(Date.now() + 3_600_000).toISOString();
    const id = await created(tenant.headers, { stream: false, executeAt });
    const reader = new TaskEventReader(await follow(tenant.headers, id));
    const events = await reader.through('task.status');
    await bringDue(runnerFor(tenant, id));
    events.push(...(await reader.rest()));
    expect(namesOf(events)).toEqual(['task.status', 'attempt', 'output', 'task.ended']);
    expect(events[0]?.data).toMatchObject({ status: 'queued', attempt: 0, nextAttemptAt: executeAt });
    expect(events[2]?.data).toEqual({ output: (await taskOf(tenant, id)).output });
    const late = await created(tenant.headers, { stream: false });
    await call('GET', `/v1/tasks/${late}?wait=20`, { headers: tenant.headers });
    expect(namesOf(await followed(tenant, late))).toEqual(['output', 'task.ended']);
  });

  it('hands every piece on before the next one exists', async () => {
    const { tenant, provider } = await scripted('stepwise');
    const id = await created(tenant.headers);
    const reader = new TaskEventReader(await follow(tenant.headers, id));
    await eventually(
      () => provider('call'),
      ({ count }) => count === 1,
    );
    for (const word of ['Hello', ' from']) {
      await provider('step');
      expect((await reader.through('text.delta')).at(-1)?.data).toEqual({ text: word });
    }
    await call('POST', `/v1/tasks/${id}/cancel`, { headers: tenant.headers });
    const rest = await reader.rest();
    expect(rest.at(-1)).toMatchObject({ event: 'task.ended', data: { status: 'canceled' } });
    expect(rest.at(-1)?.data.costUsd).not.toBeNull();
    await eventually(
      () => provider('call'),
      ({ end }) => end === 'aborted',
    );
    expect(await rowOf(tenant)).toMatchObject({ status: 'estimated', error_code: 'canceled' });
  });

  it('says that another attempt begins, which voids what came before, and ends in the failure of the last', async () => {
    const { tenant, provider } = await scripted('cut-2');
    const id = await created(tenant.headers, { maxAttempts: 2, backoff: { baseMs: 0, capMs: 0 } });
    const events = await followed(tenant, id);
    expect(namesOf(events)).toEqual([
      ...['task.status', 'attempt', 'started', 'text.delta', 'text.delta', 'task.status'],
      ...['attempt', 'started', 'text.delta', 'text.delta', 'task.ended'],
    ]);
    expect(events[5]?.data).toMatchObject({ status: 'queued', attempt: 1, errorCode: 'provider_stream_cut' });
    expect(events[6]?.data).toMatchObject({ attempt: 2 });
    expect(events.at(-1)?.data).toMatchObject({ status: 'failed', attempt: 2, errorCode: 'provider_stream_cut' });
    expect((await provider('call')).count).toBe(2);
    const lastId = events.at(-1)?.id ?? '';
    await done(tenant.headers, 'POST', `/v1/tasks/${id}/retry`);
    const again = await new TaskEventReader(await follow(tenant.headers, id, { 'last-event-id': lastId })).rest();
    expect(namesOf(again).slice(0, 2)).toEqual(['task.status', 'attempt']);
    const whole = await followed(tenant, id);
    expect(whole[10]).toMatchObject({ id: lastId, event: 'task.status', data: { status: 'failed' } });
    expect(namesOf(whole).filter((name) => name === 'task.ended')).toHaveLength(1);
    expect(faultsIn(whole)).toEqual({ gaps: 0, duplicates: 0 });
  });

  it('goes on behind an event, by header or by query, and says when nothing is left', async () => {
    const { tenant } = await scripted('whole');
    const id = await created(tenant.headers);
    const events = await followed(tenant, id);
    const at = events[3]?.id ?? '';
    const resumed = await new TaskEventReader(await follow(tenant.headers, id, {}, `?cursor=${at}`)).rest();
    expect(resumed).toEqual(events.slice(4));
    const both = await follow(tenant.headers, id, { 'last-event-id': events[5]?.id ?? '' }, `?cursor=${at}`);
    expect(await new TaskEventReader(both).rest()).toEqual(events.slice(6));
    expect((await follow(tenant.headers, id, { 'last-event-id': events.at(-1)?.id ?? '' })).status).toBe(204);
  });

  it.each(['1-99', '2-4', '0-2', 'x', '1-0'])('refuses the id %s, which is none of its events', async (cursor) => {
    const { tenant } = await scripted('whole');
    const id = await created(tenant.headers);
    await followed(tenant, id);
    for (const response of [
      await follow(tenant.headers, id, { 'last-event-id': cursor }),
      await follow(tenant.headers, id, {}, `?cursor=${cursor}`),
    ]) {
      expect([response.status, await response.json()]).toMatchObject([400, { code: 'bad_request' }]);
    }
  });

  it('is for the tenant of the task alone, and for who may read tasks', async () => {
    const { tenant } = await scripted('whole');
    const id = await created(tenant.headers);
    const [other, writer] = [
      await mintTenant({ scopes: SCOPES }),
      await mintTenant({ scopes: ['tasks:write', 'orchestrate:invoke'] }),
    ];
    expect((await follow(other.headers, id)).status).toBe(404);
    expect((await follow(writer.headers, id)).status).toBe(403);
  });
});

describe('an orchestrate request that is async and streamed', () => {
  it('is a task whose output can be followed', async () => {
    const { tenant } = await scripted('whole');
    const response = await orchestrate(tenant.headers, { ...HELLO, async: true, stream: true });
    expect(response.status).toBe(202);
    const { requestId } = await response.json<{ requestId: string }>();
    expect(textOf(await followed(tenant, requestId))).toBe(TEXT);
  });
});

describe('A7: access that ends while a task is followed', () => {
  const waiting = { executeAt: new Date(Date.now() + 3_600_000).toISOString() };

  it('a key that is revoked ends the stream, and one that is not goes on', async () => {
    const [revoked, kept] = [await mintTenant({ scopes: SCOPES }), await mintTenant({ scopes: SCOPES })];
    const readers = await Promise.all(
      [revoked, kept].map(async ({ headers }) => {
        const id = await created(headers, waiting);
        return { id, reader: new TaskEventReader(await follow(headers, id)) };
      }),
    );
    await ownerSql()`update api_keys set revoked_at = now() where id = ${revoked.apiKeyId}`;
    await ownerSql()`update tenants set config_version = config_version + 1 where id = ${revoked.tenantId}`;
    await tenantGate(testEnv, revoked.tenantId).publish(await readSnapshot(revoked));
    expect((await readers[0]?.reader.rest())?.at(-1)).toMatchObject({
      ...{ id: null, event: 'stream.closed', data: { reason: 'access', code: 'unauthenticated' } },
    });
    await done(kept.headers, 'POST', `/v1/tasks/${readers[1]?.id}/cancel`);
    expect((await readers[1]?.reader.rest())?.at(-1)).toMatchObject({ event: 'task.ended' });
  });

  it('a member who is removed is told nothing more', async () => {
    const tenant = await mintTenant({ scopes: SCOPES });
    const [owner, developer] = [await mintPerson(), await mintPerson()];
    await joinAs(owner, tenant.tenantId, 'owner');
    await joinAs(developer, tenant.tenantId, 'developer');
    const id = await created(tenant.headers, waiting);
    const reader = new TaskEventReader(await follow(developer.in(tenant.tenantId), id));
    await done(owner.in(tenant.tenantId), 'DELETE', `/v1/members/${developer.userId}`);
    expect((await reader.rest()).at(-1)).toMatchObject({
      ...{ event: 'stream.closed', data: { reason: 'access', code: 'tenant_mismatch' } },
    });
  });

  it('a session goes on with its browser’s cookie while its person’s rights change, and is told nothing more after a sign-out', async () => {
    const tenant = await mintTenant({ scopes: SCOPES });
    const person = await signedIn();
    await joinAs(person, tenant.tenantId, 'developer');
    await person.browser.request('/v1/me'); // with which its session knows of it
    const id = await created(tenant.headers, waiting);
    const headers = { 'x-tenant-id': tenant.tenantId };
    const reader = new TaskEventReader(await person.browser.request(`/v1/tasks/${id}/stream`, { headers }));
    let isOver = false;
    const rest = reader.rest().finally(() => {
      isOver = true;
    });
    await joinAs(person, tenant.tenantId, 'viewer');
    await scheduler.wait(FOLLOWER_LOOK_MS + 500); // it is looked at by now
    expect(isOver).toBe(false);
    expect((await person.browser.request('/v1/me')).status).toBe(200); // no look has given its cookie away
    await person.browser.request('/v1/auth/logout', { method: 'POST', headers: FROM_HERE });
    expect((await rest).at(-1)).toMatchObject({
      ...{ event: 'stream.closed', data: { reason: 'access', code: 'unauthenticated' } },
    });
  });
});
