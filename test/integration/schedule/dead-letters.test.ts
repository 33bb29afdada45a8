import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../../../shared/contracts/http/audit-logs.ts';
import type { DeadLetter } from '../../../shared/contracts/http/dead-letters.ts';
import type { Page } from '../../../shared/contracts/http/page.ts';
import type { TaskDetailView, TaskView } from '../../../shared/contracts/http/tasks.ts';
import type { LedgerBatch, TaskRecorded } from '../../../shared/contracts/queues.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { playReceiver } from '../../harness/played-receiver.ts';
import { runSchedule } from '../../harness/run-schedule.ts';
import { done, refused, send } from '../../harness/send.ts';

const PATH = '/v1/dead-letters';
/** A queue that tries a message six times, two seconds apart. */
const PATIENCE_MS = 50_000;
const PROMPT = 'my diagnosis';

afterEach(() => vi.restoreAllMocks());

const mint = () => mintTenant({ scopes: ['tasks:read', 'tasks:write', 'audit:read'] });

const lettersOf = ({ headers }: TestTenant, query = '') =>
  done<Page<DeadLetter>>(headers, 'GET', `${PATH}${query}`).then(({ data }) => data);

const firstLetter = async (tenant: TestTenant, query = '', limitMs?: number): Promise<DeadLetter> => {
  const [letter] = await eventually(
    () => lettersOf(tenant, query),
    ({ length }) => length > 0,
    limitMs,
  );
  if (!letter) throw new Error('there is no dead letter');
  return letter;
};

const change = ({ headers }: TestTenant, { id }: DeadLetter, verb: 'replay' | 'drop') =>
  done<DeadLetter>(headers, 'POST', `${PATH}/${id}/${verb}`);

const letterOf = ({ headers }: TestTenant, { id }: DeadLetter) => done<DeadLetter>(headers, 'GET', `${PATH}/${id}`);

const entriesOf = async ({ headers }: TestTenant, action: string) =>
  (await done<{ data: AuditEntry[] }>(headers, 'GET', `/v1/audit-logs?action=${action}`)).data;

/** A record of a task in an environment that there is not: Postgres refuses it. */
function poison(environmentId: string): TaskRecorded {
  const at = Date.now();
  return {
    ...{ type: 'task.recorded', taskId: crypto.randomUUID(), revision: 2, environmentId, apiKeyId: null, userId: null },
    ...{ batchId: null, taskType: 'chat', status: 'succeeded', priority: 0, input: PROMPT, traceId: 'f'.repeat(32) },
    ...{ createdAt: at, updatedAt: at, runAfter: at, deadlineAt: at + 1, endedAt: at, maxAttempts: 1, metadata: {} },
    ...{ failure: null, costPicoUsd: '0', executions: [] },
  };
}

/** Sends it through the queue itself, as a gate does. */
function sendThroughQueue({ tenantId }: TestTenant, event: TaskRecorded): Promise<unknown> {
  const rows = [{ sequence: 1, events: JSON.stringify([event]) }];
  const batch: LedgerBatch = { type: 'ledger.batch', v: 2, tenantId, shard: 0, rows };
  return (testEnv as unknown as { readonly LEDGER: Queue }).LEDGER.send(batch);
}

const taskList = ({ headers }: TestTenant) =>
  done<Page<TaskView>>(headers, 'GET', '/v1/tasks').then(({ data }) => data);

describe('F8: a poison message', () => {
  it(
    'lands where its tenant sees it, is told of, and is restored by a replay once its cause is gone; nothing is deleted',
    async () => {
      const written = vi.spyOn(console, 'error').mockImplementation(() => {});
      const tenant = await mint();
      const environmentId = crypto.randomUUID();
      const event = poison(environmentId);
      await sendThroughQueue(tenant, event);
      const letter = await firstLetter(tenant, '?kind=message', PATIENCE_MS);
      expect(letter).toMatchObject({ kind: 'message', status: 'open', taskId: null, replayCount: 0, lastError: null });
      expect(letter.sizeBytes).toBeGreaterThan(100);
      expect(JSON.stringify(letter)).not.toContain(PROMPT);
      const lines = () => written.mock.calls.map(([line]): Record<string, unknown> => JSON.parse(String(line)));
      const told = () =>
        lines().filter((line) => line.event === 'ledger.dead_letter' && line.tenantId === tenant.tenantId);
      await eventually(
        async () => told(),
        ({ length }) => length > 0,
      );
      expect(told()).toMatchObject([{ level: 'error', queue: 'ledger-dlq' }]);
      expect(await entriesOf(tenant, 'dead_letter.created')).toMatchObject([
        { targetId: letter.id, actorApiKeyId: null },
      ]);

      expect((await change(tenant, letter, 'replay')).status).toBe('replaying');
      await runSchedule();
      expect(await letterOf(tenant, letter), 'control: its cause is still there').toMatchObject({
        ...{ status: 'open', replayCount: 1, lastError: 'The record refuses this message still.' },
      });
      expect(await taskList(tenant)).toEqual([]);

      await ownerSql()`insert into environments (id, tenant_id, name, type) values (${environmentId}, ${tenant.tenantId}, 'late', 'dev')`;
      await change(tenant, letter, 'replay');
      await runSchedule();
      expect(await letterOf(tenant, letter)).toMatchObject({ status: 'replayed', replayCount: 2, lastError: null });
      expect(await taskList(tenant)).toMatchObject([{ id: event.taskId, status: 'succeeded' }]);
      expect((await change(tenant, letter, 'replay')).status, 'replaying twice changes nothing').toBe('replayed');
      const replays = await entriesOf(tenant, 'dead_letter.replayed');
      expect(replays).toMatchObject(Array(2).fill({ targetId: letter.id, actorApiKeyId: tenant.apiKeyId }));
      const rows = await ownerSql()`select id from dead_letters where subject_tenant = ${tenant.tenantId}`;
      expect(rows).toHaveLength(1);
    },
    PATIENCE_MS + 30_000,
  );

  it('control: a sound message is recorded, and no letter', async () => {
    const tenant = await mint();
    await sendThroughQueue(tenant, poison(tenant.environmentId));
    await eventually(
      () => taskList(tenant),
      ({ length }) => length > 0,
    );
    expect(await lettersOf(tenant)).toEqual([]);
  });
});

describe('a task whose attempts are used up', () => {
  it('is a dead letter, and its replay a retry by its runner; one that is done by hand is done, too', async () => {
    const tenant = await mint();
    const { headers } = tenant;
    const body = { input: 'be overloaded', maxAttempts: 1 };
    const { id } = await done<TaskView>(headers, 'POST', '/v1/tasks', body);
    const task = () => done<TaskDetailView>(headers, 'GET', `/v1/tasks/${id}?wait=20`);
    const failed = await task();
    expect(failed).toMatchObject({ status: 'failed', executions: [{ number: 1 }] });
    const letter = await firstLetter(tenant, '?kind=task');
    expect(letter).toMatchObject({ subjectId: id, taskId: id, status: 'open', attempts: 1, reason: failed.errorCode });

    await change(tenant, letter, 'replay');
    await runSchedule();
    await eventually(task, ({ executions, status }) => executions.length === 2 && status === 'failed');
    expect(await letterOf(tenant, letter)).toMatchObject({ status: 'replayed' });
    const again = await eventually(
      () => lettersOf(tenant, '?status=open'),
      ({ length }) => length > 0,
    );
    expect(again, 'it failed again: another letter').toMatchObject([{ taskId: id, attempts: 2 }]);

    await done(headers, 'POST', `/v1/tasks/${id}/retry`);
    await eventually(task, ({ executions, status }) => executions.length === 3 && status === 'failed');
    const third = await eventually(
      () => lettersOf(tenant, '?status=open'),
      ([open]) => open?.attempts === 3,
    );
    expect(third).toHaveLength(1);
    expect((await lettersOf(tenant)).map(({ status }) => status)).toEqual(['open', 'replayed', 'replayed']);
  });

  it('control: one that fails for good with attempts left, or is canceled, is none', async () => {
    const tenant = await mint();
    const post = (body: object) => done<TaskView>(tenant.headers, 'POST', '/v1/tasks', body);
    const rejected = await post({ input: 'refuse the request', maxAttempts: 2 });
    const waiting = await post({ input: 'hello', executeAt: new Date(Date.now() + 3_600_000).toISOString() });
    await done(tenant.headers, 'POST', `/v1/tasks/${waiting.id}/cancel`);
    await eventually(
      () => taskList(tenant),
      (tasks) => tasks.some(({ status }) => status === 'canceled') && tasks.some(({ status }) => status === 'failed'),
    );
    expect(await done(tenant.headers, 'GET', `/v1/tasks/${rejected.id}`)).toMatchObject({ status: 'failed' });
    expect(await lettersOf(tenant)).toEqual([]);
  });
});

describe('a callback that was given up', () => {
  it('is a dead letter, and its replay delivers it again under the same id', async () => {
    const tenant = await mint();
    const receiver = playReceiver();
    receiver.status = 410;
    const { id } = await done<TaskView>(tenant.headers, 'POST', '/v1/tasks', {
      input: 'hello',
      callbackUrl: receiver.url,
    });
    const letter = await firstLetter(tenant, '?kind=callback');
    expect(letter).toMatchObject({ taskId: id, status: 'open', attempts: 1, reason: 'It answered 410.' });
    receiver.status = 200;
    await change(tenant, letter, 'replay');
    await runSchedule();
    expect(await letterOf(tenant, letter)).toMatchObject({ status: 'replayed' });
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([letter.subjectId, letter.subjectId]);
    const { callbackDeliveries } = await done<TaskDetailView>(tenant.headers, 'GET', `/v1/tasks/${id}`);
    expect(callbackDeliveries).toMatchObject([{ id: letter.subjectId, status: 'succeeded', responseCode: 200 }]);
  });

  it('is sent by the schedule when nobody else did, and when it is due again', async () => {
    const tenant = await mint();
    const receiver = playReceiver();
    receiver.status = 500;
    await done<TaskView>(tenant.headers, 'POST', '/v1/tasks', { input: 'hello', callbackUrl: receiver.url });
    await eventually(
      async () => receiver.received.length,
      (count) => count === 1,
    );
    receiver.status = 204;
    await runSchedule();
    expect(receiver.received, 'it is not due yet').toHaveLength(1);
    await ownerSql()`update webhook_deliveries set next_try_at = 'epoch' where tenant_id = ${tenant.tenantId}`;
    await runSchedule();
    expect(receiver.received).toHaveLength(2);
  });
});

describe('a dead letter', () => {
  /** A tenant with three of them, the oldest first. */
  async function withThree() {
    const tenant = await mint();
    for (const minute of [1, 2, 3]) {
      await ownerSql()`insert into tenant_dead_letters (tenant_id, kind, subject_id, occurred_at, reason, created_at)
        values (${tenant.tenantId}, ${minute === 2 ? 'task' : 'message'}, gen_random_uuid(), now(), 'x',
          ${`2026-11-01T00:0${minute}:00Z`})`;
    }
    const [newest, middle, oldest] = await lettersOf(tenant);
    if (!newest || !middle || !oldest) throw new Error('there are three');
    return { tenant, newest, middle, oldest };
  }

  it('that is dropped is not done again, and stays readable', async () => {
    const { tenant, newest } = await withThree();
    const { headers } = tenant;
    expect(await change(tenant, newest, 'drop')).toMatchObject({ id: newest.id, status: 'dropped' });
    expect(await change(tenant, newest, 'drop')).toMatchObject({ status: 'dropped' });
    expect(await refused(headers, 'POST', `${PATH}/${newest.id}/replay`)).toMatchObject({
      status: 409,
      code: 'conflict',
    });
    expect(await letterOf(tenant, newest)).toMatchObject({ status: 'dropped' });
    expect(await lettersOf(tenant)).toHaveLength(3);
    expect(await entriesOf(tenant, 'dead_letter.dropped')).toHaveLength(1);
    const nobodys = `${PATH}/00000000-0000-4000-8000-0000000000ff/drop`;
    expect(await refused(headers, 'POST', nobodys)).toMatchObject({ status: 404 });
  });

  it('is found by kind, status and time, a page at a time', async () => {
    const { tenant, newest, middle, oldest } = await withThree();
    await change(tenant, oldest, 'drop');
    const idsBy = async (query: string) => (await lettersOf(tenant, query)).map(({ id }) => id);
    expect(await idsBy('?kind=task')).toEqual([middle.id]);
    expect(await idsBy('?status=dropped')).toEqual([oldest.id]);
    expect(await idsBy('?from=2026-11-01T00:02:00Z&to=2026-11-01T00:03:00Z')).toEqual([middle.id]);
    const pages: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: Page<DeadLetter> = await done(tenant.headers, 'GET', `${PATH}?limit=1${at}`);
      pages.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual([newest.id, middle.id, oldest.id]);
    expect(await refused(tenant.headers, 'GET', `${PATH}?cursor=none`)).toMatchObject({ status: 400 });
  });

  it('is no other tenant’s, and is changed by who may change tasks', async () => {
    const { newest } = await withThree();
    const other = await mint();
    expect((await send(other.headers, 'GET', `${PATH}/${newest.id}`)).status).toBe(404);
    const reader = await mintTenant({ scopes: ['tasks:read'] });
    expect((await send(reader.headers, 'GET', PATH)).status).toBe(200);
    expect((await send(reader.headers, 'POST', `${PATH}/${newest.id}/replay`)).status).toBe(403);
  });
});
