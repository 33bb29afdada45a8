import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskDetailView } from '../../../shared/contracts/http/tasks.ts';
import { eventually } from '../../harness/eventually.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

const SCOPES = ['tasks:read', 'tasks:write', 'orchestrate:invoke', 'usage:read'];
/** 11 input and 5 output tokens at $0.15 and $0.60 a million. */
const HELLO = { input: 'hello', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };
const COST_USD = (11 * 0.15 + 5 * 0.6) / 1e6;

let tenant: TestTenant;

beforeEach(async () => {
  tenant = await mintTenant({ scopes: SCOPES });
});

const create = (body: object, headers = tenant.headers) =>
  call('POST', '/v1/tasks', { headers, body: JSON.stringify(body) });

async function created(body: object = HELLO): Promise<string> {
  const response = await create(body);
  expect(response.status).toBe(202);
  const { id } = await response.json<{ id: string }>();
  expect(response.headers.get('location')).toBe(`/v1/tasks/${id}`);
  return id;
}

async function taskOf(id: string, query = ''): Promise<TaskDetailView> {
  const response = await call('GET', `/v1/tasks/${id}${query}`, { headers: tenant.headers });
  expect(response.status).toBe(200);
  return response.json();
}

const act = (id: string, verb: 'cancel' | 'retry') =>
  call('POST', `/v1/tasks/${id}/${verb}`, { headers: tenant.headers });

describe('POST /v1/tasks', () => {
  it('answers 202, calls the provider in the creator’s trace, bills once, and keeps the answer', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const headers = { ...tenant.headers, traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    const response = await create({ ...HELLO, metadata: { feature: 'greeting' }, priority: 3 }, headers);
    expect(response.status).toBe(202);
    const accepted = await response.json<TaskDetailView>();
    expect(accepted).toMatchObject({ status: 'queued', workflowId: null, agentId: null, priority: 3 });
    const task = await taskOf(accepted.id, '?wait=20');
    expect(task).toMatchObject({
      ...{ id: accepted.id, status: 'succeeded', traceId, metadata: { feature: 'greeting' }, errorCode: null },
      output: { message: { role: 'assistant', content: 'Hello from the mock.' } },
      executions: [{ number: 1, status: 'succeeded', isEstimated: false }],
    });
    expect(Number(task.costUsd)).toBeCloseTo(COST_USD, 12);
    const rows = await eventually(
      () =>
        ownerSql()`select id, task_id, trace_id, cost_usd::float8 as cost, metadata from requests where tenant_id = ${tenant.tenantId}`,
      ({ length }) => length > 0,
    );
    expect(rows).toEqual([
      {
        ...{ id: task.executions[0]?.requestId, task_id: task.id, trace_id: traceId },
        ...{ cost: expect.closeTo(COST_USD, 12), metadata: { feature: 'greeting' } },
      },
    ]);
  });

  it('is in the list seconds later, with its attempts in the record', async () => {
    const id = await created({ ...HELLO, metadata: { feature: 'a:b' } });
    await taskOf(id, '?wait=20');
    const list = (query: string) =>
      call('GET', `/v1/tasks${query}`, { headers: tenant.headers }).then((response) =>
        response.json<{ data: TaskDetailView[]; nextCursor: string | null }>(),
      );
    const { data } = await eventually(
      () => list('?status=succeeded'),
      (page) => page.data.length > 0,
    );
    expect(data).toMatchObject([{ id, status: 'succeeded', metadata: { feature: 'a:b' } }]);
    const other = await created();
    await taskOf(other, '?wait=20');
    await eventually(
      () => list('?status=succeeded'),
      (page) => page.data.length > 1,
    );
    expect((await list('?metadata=feature:a:b')).data.map((task) => task.id)).toEqual([id]);
    expect((await list('?metadata=feature:b')).data).toEqual([]);
    expect((await list(`?to=${data[0]?.createdAt}`)).data).toEqual([]);
    expect((await list(`?environmentId=${tenant.environmentId}&from=${data[0]?.createdAt}`)).data).toHaveLength(2);
    const first = await list('?limit=1');
    expect(first.data.map((task) => task.id)).toEqual([other]);
    const second = await list(`?limit=1&cursor=${first.nextCursor}`);
    expect([second.data.map((task) => task.id), second.nextCursor]).toEqual([[id], null]);
    const executions =
      await ownerSql()`select number, status, cost_usd::float8 as cost from task_executions where task_id = ${id}`;
    expect(executions).toEqual([{ number: 1, status: 'succeeded', cost: expect.closeTo(COST_USD, 12) }]);
  });

  it.each([
    ['no such model', { input: 'x', providerPreferences: [{ provider: 'openai', model: 'none' }] }, 'model_not_found'],
    ['a deadline before its time', { input: 'x', deadlineAt: '2020-01-01T00:00:00Z' }, 'bad_request'],
    ['a time too far ahead', { input: 'x', executeAt: '2100-01-01T00:00:00Z' }, 'bad_request'],
    ['a field that is none', { input: 'x', callback: 1 }, 'bad_request'],
    ['the wrong form', { input: { prompt: 'x' }, taskType: 'chat' }, 'bad_request'],
  ])('refuses %s at once', async (_name, body, code) => {
    const response = await create(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code });
  });

  it('waits for its time', async () => {
    const id = await created({ input: 'hello', executeAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await taskOf(id, '?wait=1')).toMatchObject({ status: 'queued', executions: [] });
  });
});

describe('an orchestrate request that is async', () => {
  it('is answered 202, and is a task of the id that it is told', async () => {
    const response = await orchestrate(tenant.headers, { input: 'hello', async: true });
    expect(response.status).toBe(202);
    const { requestId, ...rest } = await response.json<{ requestId: string }>();
    expect(rest).toMatchObject({ status: 'queued', output: null, costUsd: null, latencyMs: null });
    expect(await taskOf(requestId, '?wait=20')).toMatchObject({ status: 'succeeded' });
  });
});

describe('a task that is stopped or tried again', () => {
  it('ends its call to the provider when it is canceled, and is billed what that may have cost', async () => {
    const script = `hang~${tenant.tenantId}`;
    tenant = await mintTenant({ scopes: SCOPES, providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/${script}` });
    const id = await created();
    const callOf = () =>
      fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/call/${script.split('~')[1]}`).then((response) =>
        response.json<{ count: number; end: string }>(),
      );
    await eventually(callOf, ({ count }) => count === 1);
    expect(await (await act(id, 'cancel')).json()).toMatchObject({ status: 'canceled' });
    expect(await eventually(callOf, ({ end }) => end === 'aborted')).toMatchObject({ count: 1, end: 'aborted' });
    const task = await eventually(
      () => taskOf(id),
      ({ executions }) => executions[0]?.endedAt !== null,
    );
    expect(task).toMatchObject({ status: 'canceled', executions: [{ status: 'canceled', isEstimated: true }] });
    const rows = await eventually(
      () => ownerSql()`select status, cost_usd::float8 as cost from requests where tenant_id = ${tenant.tenantId}`,
      ({ length }) => length > 0,
    );
    expect(rows).toEqual([{ status: 'estimated', cost: expect.closeTo(Number(task.costUsd), 12) }]);
    expect((await act(id, 'cancel')).status).toBe(200);
  });

  it('is canceled before it begins, and then tried again by hand', async () => {
    const id = await created({ input: 'hello', executeAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await (await act(id, 'cancel')).json()).toMatchObject({ status: 'canceled', executions: [] });
    expect((await act(id, 'retry')).status).toBe(200);
    expect(await taskOf(id, '?wait=20')).toMatchObject({ status: 'succeeded', executions: [{ number: 1 }] });
    for (const verb of ['cancel', 'retry'] as const) {
      expect([(await act(id, verb)).status, verb]).toEqual([409, verb]);
    }
  });

  it('is tried again by itself after a failure that passes', async () => {
    const script = `fails-1st-to-3rd~${tenant.tenantId}`;
    tenant = await mintTenant({ scopes: SCOPES, providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/${script}` });
    const id = await created({ ...HELLO, maxAttempts: 5, backoff: { baseMs: 10, capMs: 20 } });
    const task = await taskOf(id, '?wait=30');
    expect(task.status).toBe('succeeded');
    expect(task.executions.length).toBeGreaterThan(1);
    expect(task.executions[0]).toMatchObject({ status: 'failed', errorCode: 'provider_failed', costUsd: '0' });
  });

  it('has failed at its deadline, though its provider never answers', async () => {
    const script = `hang~${tenant.tenantId}`;
    tenant = await mintTenant({ scopes: SCOPES, providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/${script}` });
    const id = await created({ input: 'hello', deadlineAt: new Date(Date.now() + 1_500).toISOString() });
    expect(await taskOf(id, '?wait=20')).toMatchObject({ status: 'failed', errorCode: 'deadline_exceeded' });
  });
});

describe('POST /v1/tasks/batch', () => {
  it('takes many at once, tells how far they are, and names the one that is wrong', async () => {
    const body = (tasks: object[]) => ({ headers: tenant.headers, body: JSON.stringify({ tasks }) });
    const tasks = Array.from({ length: 40 }, () => ({ input: 'hello' }));
    const response = await call('POST', '/v1/tasks/batch', body(tasks));
    expect(response.status).toBe(202);
    const { id, taskIds } = await response.json<{ id: string; taskIds: string[] }>();
    expect(new Set(taskIds).size).toBe(40);
    const progress = () =>
      call('GET', `/v1/task-batches/${id}`, { headers: tenant.headers }).then((answer) => answer.json<object>());
    expect(await progress()).toMatchObject({ id, total: 40 });
    const done = await eventually(progress, (batch) => 'ended' in batch && batch.ended === 40);
    expect(done).toMatchObject({ total: 40, ended: 40, succeeded: 40, queued: 0, running: 0 });
    const wrong = await call(
      'POST',
      '/v1/tasks/batch',
      body([...tasks, { input: 'x', deadlineAt: '2020-01-01T00:00:00Z' }]),
    );
    expect(await wrong.json()).toMatchObject({ status: 400, errors: [{ pointer: '/tasks/40/deadlineAt' }] });
  });
});
