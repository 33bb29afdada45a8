import { createExecutionContext, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { TASK_RUNNERS, taskRunner } from '../../../durable-objects/stubs.ts';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import type { TaskDetailView } from '../../../shared/contracts/http/tasks.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import { crash } from '../../harness/dying-isolate.ts';
import { eventually } from '../../harness/eventually.ts';
import { changeKeys, keysOf, LAPSE } from '../../harness/keyed-tenant.ts';
import { mintTenant, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { send } from '../../harness/send.ts';

const SCOPES = ['tasks:read', 'tasks:write', 'orchestrate:invoke'];
/** Nothing begins while a test looks. */
const LATER = { executeAt: new Date(Date.now() + 3_600_000).toISOString() };
const HELLO = { input: 'hello', ...LATER };
const RUNNERS = Array.from({ length: TASK_RUNNERS }, (_, runner) => runner);

const mint = () => mintTenant({ scopes: SCOPES });
const withKey = ({ headers }: TestTenant, key = 'k') => ({ ...headers, 'idempotency-key': key });

/** All that a tenant's runners have: ids and states. */
async function keptBy({ tenantId }: TestTenant): Promise<{ id: string; status: string }[]> {
  const kept = await Promise.all(
    RUNNERS.map((runner) =>
      runInDurableObject(taskRunner(testEnv, tenantId, runner), (_object, { storage }) => {
        const [known] = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'tasks'").toArray();
        if (!known) return [];
        return storage.sql.exec<{ id: string; status: string }>('SELECT task_id AS id, status FROM tasks').toArray();
      }),
    ),
  );
  return kept.flat();
}

/** Sends a request to an isolate that does not reach one of the tenant's runners. */
async function without(away: number, headers: Record<string, string>, path: string, body: object): Promise<Response> {
  const ports = createPorts(testEnv);
  const app = createApp(() => ({
    ...ports,
    taskRunner: (tenantId, runner) => {
      if (runner === away) throw new Error('the runner is away');
      return ports.taskRunner(tenantId, runner);
    },
  }));
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  return app.fetch(new Request(`https://gateway.test${path}`, init), testEnv, createExecutionContext());
}

const WAYS: [name: string, path: string, body: object, idOf: (answer: Record<string, string>) => string | undefined][] =
  [
    ['a task', '/v1/tasks', HELLO, ({ id }) => id],
    ['an async request', '/v1/orchestrate', { input: 'hello', async: true }, ({ requestId }) => requestId],
  ];

describe.each(WAYS)('%s with an Idempotency-Key', (_name, path, body, idOf) => {
  it('is made once, and its answer is replayed', async () => {
    const tenant = await mint();
    const make = (key: string) => send(withKey(tenant, key), 'POST', path, body);
    const [first, second] = [await make('k'), await make('k')];
    expect([first.status, second.status, second.headers.get('idempotent-replayed')]).toEqual([202, 202, 'true']);
    expect(await second.text()).toBe(await first.text());
    expect(await keptBy(tenant)).toHaveLength(1);
    await make('other'); // control
    expect(await keptBy(tenant)).toHaveLength(2);
  });

  it('commits with its key: an isolate that was gone before it had told so has made it, and the retry shows it', async () => {
    const tenant = await mint();
    crash('done', tenant, 'k', path, body);
    const [made] = await eventually(
      () => keptBy(tenant),
      ({ length }) => length > 0,
    );
    const retry = () => send(withKey(tenant), 'POST', path, body);
    expect((await retry()).status).toBe(409); // it counts as running
    await changeKeys(tenant, LAPSE);
    const taken = await retry();
    expect([taken.status, idOf(await taken.json())]).toEqual([202, made?.id]);
    expect(await keptBy(tenant)).toHaveLength(1);
  });

  it('control: a key that is forgotten lets the retry make it again', async () => {
    const tenant = await mint();
    crash('done', tenant, 'k', path, body);
    await eventually(
      () => keptBy(tenant),
      ({ length }) => length > 0,
    );
    await changeKeys(tenant, 'DELETE FROM keys');
    expect((await send(withKey(tenant), 'POST', path, body)).status).toBe(202);
    expect(await keptBy(tenant)).toHaveLength(2);
  });
});

describe('a batch of which one runner could not be reached', () => {
  const batch = { tasks: Array.from({ length: 64 }, () => HELLO) };

  it('is completed by the retry with its key, and nothing of it is made twice', async () => {
    const tenant = await mint();
    const refused = await without(3, withKey(tenant), '/v1/tasks/batch', batch);
    expect([refused.status, (await refused.json<Problem>()).code]).toEqual([503, 'unavailable']);
    const before = await keptBy(tenant);
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(64);
    const again = await send(withKey(tenant), 'POST', '/v1/tasks/batch', batch);
    expect(again.status).toBe(202);
    const { taskIds } = await again.json<{ taskIds: string[] }>();
    const kept = await keptBy(tenant);
    expect(kept.map(({ id }) => id).toSorted()).toEqual(taskIds.toSorted());
    expect(new Set(kept.map(({ status }) => status))).toEqual(new Set(['queued']));
    expect(new Set(taskIds).size).toBe(64);
  });

  it('control: without a key nothing of it is left to begin, since a retry would be another batch', async () => {
    const tenant = await mint();
    expect((await without(3, tenant.headers, '/v1/tasks/batch', batch)).status).toBe(503);
    const kept = await keptBy(tenant);
    expect(kept.length).toBeGreaterThan(0);
    expect(new Set(kept.map(({ status }) => status))).toEqual(new Set(['canceled']));
  });
});

describe('a retry by hand with an Idempotency-Key', () => {
  it('is done once, though its isolate was gone before it had told so', async () => {
    // The provider never ends its answer, so that what was begun stays so.
    const providerUrl = `${testEnv.SCRIPTED_PROVIDER_URL}/stepwise~${crypto.randomUUID()}`;
    const tenant = await mintTenant({ scopes: SCOPES, providerUrl });
    const { id } = await (await send(tenant.headers, 'POST', '/v1/tasks', HELLO)).json<{ id: string }>();
    const path = `/v1/tasks/${id}`;
    const cancel = () => send(tenant.headers, 'POST', `${path}/cancel`);
    const task = async () => (await send(tenant.headers, 'GET', path)).json<TaskDetailView>();
    await cancel();
    crash('done', tenant, 'k', `${path}/retry`, {});
    await eventually(task, ({ status }) => status !== 'canceled');
    await eventually(
      () => keysOf(tenant, 'keys'),
      ({ length }) => length === 1,
    );
    await cancel();
    await changeKeys(tenant, LAPSE);
    const again = await send(withKey(tenant), 'POST', `${path}/retry`);
    expect([again.status, (await task()).status]).toEqual([200, 'canceled']);
    await send(withKey(tenant, 'other'), 'POST', `${path}/retry`); // control
    expect((await task()).status).not.toBe('canceled');
  });
});
