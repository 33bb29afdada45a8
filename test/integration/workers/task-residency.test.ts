import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ProviderAccount } from '../../../shared/contracts/http/providers.ts';
import type { TaskDetailView, TaskView } from '../../../shared/contracts/http/tasks.ts';
import { type TasksDue, tasksDue } from '../../../shared/contracts/queues.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { playTaskRunners } from '../../harness/played-task-runner.ts';
import { done, send } from '../../harness/send.ts';
import { bringDue, runnerFor } from '../../harness/task-orders.ts';

const SCOPES = ['tasks:read', 'tasks:write', 'policies:write', 'providers:read', 'providers:write', 'audit:read'];
const CONTENT = 'Frau Lehmann, Befund positiv';
const MODEL = { provider: 'openai', model: 'gpt-4o-mini' };

afterEach(() => {
  playTaskRunners(null);
  vi.restoreAllMocks();
});

/** Runners that tell where they call, and what they put into the queue. */
function listen() {
  const called: string[] = [];
  const queued: TasksDue[] = [];
  playTaskRunners((outside) => ({
    ...outside,
    fetch: (input, init) => {
      called.push(input instanceof Request ? input.url : String(input));
      return outside.fetch(input, init);
    },
    send: (hint) => {
      queued.push(hint);
      return outside.send(hint);
    },
  }));
  return { called, queued };
}

const mint = () => mintTenant({ scopes: SCOPES });

const impose = ({ headers }: TestTenant) => done(headers, 'POST', '/v1/residency/policies', { region: 'eu' });

/** Has the tenant's account say that its server is in a region. */
async function declare({ headers }: TestTenant, region: 'eu' | 'us'): Promise<void> {
  const [account] = (await done<{ data: ProviderAccount[] }>(headers, 'GET', '/v1/providers')).data;
  const change = { credentials: { apiKey: 'sk-of-the-test-tenant' }, baseUrl: `${testEnv.PROVIDER_URL}/v1`, region };
  await done(headers, 'POST', `/v1/providers/${account?.id}/rotate`, change);
}

const later = () => new Date(Date.now() + 3_600_000).toISOString();
const create = ({ headers }: TestTenant, more: object) =>
  done<TaskView>(headers, 'POST', '/v1/tasks', { input: CONTENT, providerPreferences: [MODEL], ...more });

/** The task once it has ended. */
const ended = ({ headers }: TestTenant, id: string) => done<TaskDetailView>(headers, 'GET', `/v1/tasks/${id}?wait=20`);

/** What becomes of a task that waits for its time while its tenant's rules change. */
async function fateOf(tenant: TestTenant, change: () => Promise<unknown>): Promise<TaskDetailView> {
  const { id } = await create(tenant, { executeAt: later() });
  await change();
  await bringDue(runnerFor(tenant, id));
  return await ended(tenant, id);
}

describe('T7: a task of a tenant with an enforced residency policy', () => {
  it('is called at a conforming endpoint alone, by its runner, and its record says so', async () => {
    const tenant = await mint();
    const { called } = listen();
    await declare(tenant, 'eu');
    const task = await fateOf(tenant, () => impose(tenant));
    expect(task).toMatchObject({ status: 'succeeded' });
    expect(called).toEqual([`${testEnv.PROVIDER_URL}/v1/chat/completions`]);
    const requests = await eventually(
      () => ownerSql()`select residency, endpoint_region as region from requests where task_id = ${task.id}`,
      ({ length }) => length > 0,
    );
    expect(requests).toEqual([{ residency: 'inside', region: 'eu' }]);
  });

  it.each([
    ['is in the wrong region', (tenant: TestTenant) => declare(tenant, 'us')],
    ['says nothing of where it is', async () => {}],
  ])('fails closed, with the reason, where its only endpoint %s: nothing is called', async (_, prepare) => {
    const tenant = await mint();
    const { called } = listen();
    await prepare(tenant);
    const task = await fateOf(tenant, () => impose(tenant));
    expect(task).toMatchObject({ status: 'failed', errorCode: 'residency_refused', output: null });
    expect(task.errorDetail).toContain('residency');
    expect(called).toEqual([]);
    expect(await ownerSql()`select id from requests where task_id = ${task.id}`).toEqual([]);
  });

  it('control: without the policy the same endpoint is called', async () => {
    const tenant = await mint();
    const { called } = listen();
    await declare(tenant, 'us');
    expect(await fateOf(tenant, async () => {})).toMatchObject({ status: 'succeeded' });
    expect(called).toHaveLength(1);
  });
});

describe('I8: what a task is about', () => {
  /** Everything that is logged, at any level. */
  function hear(): string[] {
    const heard: string[] = [];
    for (const level of ['debug', 'log', 'info', 'warn', 'error', 'trace'] as const) {
      vi.spyOn(console, level).mockImplementation((...parts) => void heard.push(parts.map(String).join(' ')));
    }
    return heard;
  }

  it('is in no message of the queue, which has ids alone, in no log and in no audit entry', async () => {
    const heard = hear();
    const { queued, called } = listen();
    const tenant = await mint();
    const secret = `my diagnosis is ${crypto.randomUUID()}`;
    const inputs = [secret, `be overloaded ${secret}`, `refuse the request ${secret}`];
    const metadata = { note: secret };
    const ids: string[] = [];
    for (const input of inputs) ids.push((await create(tenant, { input, metadata, maxAttempts: 1 })).id);
    const tasks = await Promise.all(ids.map((id) => ended(tenant, id)));
    expect(tasks.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'failed']);
    const waiting = await create(tenant, { input: secret, executeAt: later() });
    await done(tenant.headers, 'POST', `/v1/tasks/${waiting.id}/cancel`);
    const audit = await eventually(
      () => ownerSql()`select * from audit_logs where tenant_id = ${tenant.tenantId} and action = 'task.canceled'`,
      ({ length }) => length > 0,
    );
    expect(called.length, 'control: it went to a provider').toBeGreaterThan(0);
    expect(queued.flatMap(({ taskIds }) => taskIds)).toEqual(expect.arrayContaining(ids));
    for (const message of queued) expect(tasksDue.strict().safeParse(message).success).toBe(true);
    for (const place of [JSON.stringify(queued), heard.join('\n'), JSON.stringify(audit)]) {
      expect(place).not.toContain(secret);
    }
    createLogger({ service: 'test', level: 'error', fields: { prompt: secret } }).error('control');
    expect(heard.join('\n'), 'control: what is logged is heard').toContain(secret);
    expect(tasksDue.strict().safeParse({ ...queued[0], input: secret }).success, 'control').toBe(false);
  });

  it('is in no callback and in no event: they have its state and its metadata', async () => {
    const tenant = await mintTenant({ scopes: [...SCOPES, 'events:read'] });
    const [secret, note] = [`my diagnosis is ${crypto.randomUUID()}`, `a label ${crypto.randomUUID()}`];
    const about = { input: secret, metadata: { note }, callbackUrl: testEnv.CLOSED_URL };
    for (const stream of [false, true]) await ended(tenant, (await create(tenant, { ...about, stream })).id);
    const callbacks = await eventually(
      () => ownerSql()`select body from webhook_deliveries where tenant_id = ${tenant.tenantId}`,
      ({ length }) => length === 2,
    );
    const read = async () => (await send(tenant.headers, 'GET', '/v1/events?follow=false&cursor=0')).text();
    const isTold = (text: string) => text.split('"succeeded"').length > 2 && text.split('request.completed').length > 2;
    for (const place of [...callbacks.map(({ body }) => String(body)), await eventually(read, isTold)]) {
      expect(place).not.toContain(secret);
      expect(place, 'control: what it may have is in it').toContain(note);
    }
  });
});
