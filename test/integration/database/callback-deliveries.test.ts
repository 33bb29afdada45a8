import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskRecorded } from '../../../shared/contracts/queues.ts';
import { webhookSigningSecret } from '../../../shared/crypto/seal-contexts.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { type StatementRunner, statementsOver } from '../../../shared/db/statement-runner.ts';
import { MOST_DELIVERY_ATTEMPTS } from '../../../shared/domain/webhooks/next-try.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { publicFetch } from '../../../shared/platform/public-fetch.ts';
import { retryAfterMs } from '../../../shared/providers/http/retry-after.ts';
import type { WebhookPorts } from '../../../shared/services/deliver-webhooks.ts';
import { recordTasks } from '../../../shared/services/record-tasks.ts';
import { deliverWebhooks } from '../../../workers/ledger/jobs/deliver-webhooks.ts';
import { openKeyring } from '../../../workers/providers/kms/open-keyring.ts';
import { SealBox } from '../../../workers/providers/vault/seal-box.ts';
import { startCheckpointReceiver } from '../../harness/checkpoint-receiver.ts';
import { memoryGates } from '../../harness/kms/memory-gates.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { isSignedWebhook } from '../../harness/verify-webhook.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LOG = createLogger({ service: 'test', level: 'error', write: () => {} });

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;
let ledger: StatementRunner;
let vault: SealBox;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
  ledger = statementsOver(db);
  const keys = { primary: 'k1', keys: { k1: Buffer.alloc(32, 1).toString('base64') } };
  const keyring = await openKeyring(JSON.stringify(keys), { fetch, now: () => new Date() });
  vault = new SealBox({ keyring, gate: memoryGates().gate, logger: LOG, now: () => Date.now() });
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

/** A tenant whose tasks are told of, and a clock that the test turns. */
async function world() {
  const [tenantId, environmentId] = [crypto.randomUUID(), crypto.randomUUID()];
  await owner.query("insert into tenants (id, name, slug, region) values ($1::uuid, 'T', $1::text, 'eu')", [tenantId]);
  await owner.query("insert into environments (tenant_id, id, name, type) values ($1, $2, 'dev', 'dev')", [
    tenantId,
    environmentId,
  ]);
  const clock = { now: Date.now() + HOUR_MS };
  const ports: WebhookPorts = {
    ...{ statements: ledger, vault, logger: LOG, random: () => 0.5, now: () => new Date(clock.now) },
    fetch: publicFetch(fetch, true),
    retryAfterMs,
  };
  const record = (...events: TaskRecorded[]) => recordTasks({ db, tenantId, events });
  return {
    ...{ tenantId, clock, ports, record },
    task: (url: string, more: Partial<TaskRecorded> = {}) => endedTask(environmentId, url, more),
    run: (changed: Partial<WebhookPorts> = {}, atOnce?: number) =>
      deliverWebhooks({ ...ports, ...changed }, { tenantIds: [tenantId], ...(atOnce !== undefined && { atOnce }) }),
    async deliveries() {
      const { rows } = await owner.query(
        `select id, status, attempt, response_code as code, error_message as error,
           (extract(epoch from next_try_at) * 1000)::float8 as next
         from webhook_deliveries where tenant_id = $1 order by created_at, ended_at, id`,
        [tenantId],
      );
      return rows;
    },
    async letters() {
      const { rows } = await owner.query(
        'select kind, subject_id as subject, status, reason, attempts from tenant_dead_letters where tenant_id = $1',
        [tenantId],
      );
      return rows;
    },
    async secret(): Promise<string> {
      const { rows } = await owner.query(
        'select id, encrypted_secret as sealed from webhook_signing_secrets where tenant_id = $1',
        [tenantId],
      );
      expect(rows).toHaveLength(1);
      const opened = await vault.open(webhookSigningSecret(tenantId, rows[0].id), rows[0].sealed);
      return opened.ok ? opened.value : '';
    },
  };
}

function endedTask(environmentId: string, callbackUrl: string, more: Partial<TaskRecorded> = {}): TaskRecorded {
  const at = Date.now();
  return {
    ...{ type: 'task.recorded', taskId: crypto.randomUUID(), revision: 3, environmentId, apiKeyId: null, userId: null },
    ...{
      batchId: null,
      taskType: 'chat',
      status: 'succeeded',
      priority: 0,
      input: 'a prompt',
      traceId: 'f'.repeat(32),
    },
    ...{ createdAt: at, updatedAt: at, runAfter: at, deadlineAt: at + HOUR_MS, endedAt: at, maxAttempts: 1 },
    ...{ metadata: { note: 'naïve ✓' }, failure: null, costPicoUsd: '4650000', executions: [], callbackUrl },
    ...more,
  };
}

describe('the end of a task', () => {
  it('is one delivery, however often and in whatever order it is told, and each end has its own', async () => {
    const one = await world();
    const first = one.task('https://receiver.example/hook');
    const closed = { ...first, revision: 4, updatedAt: first.updatedAt + 5 };
    const queued = { ...first, revision: 5, status: 'queued', endedAt: null } as const;
    const again = { ...first, revision: 7, endedAt: (first.endedAt ?? 0) + 1_000 };
    await one.record(again, first);
    await one.record(closed, queued);
    await one.record(first, first, again);
    expect(await one.deliveries()).toHaveLength(2);
    expect((await owner.query('select revision from tasks where id = $1', [first.taskId])).rows).toEqual([
      { revision: 7 },
    ]);
  });

  it('control: one without a callback, or that has not ended, is none', async () => {
    const one = await world();
    const { callbackUrl: _, ...without } = one.task('https://receiver.example/');
    await one.record(without, one.task('https://receiver.example/', { status: 'running', endedAt: null }));
    expect(await one.deliveries()).toEqual([]);
  });

  it('is written with the task or not at all', async () => {
    const one = await world();
    const task = one.task('https://receiver.example/', { environmentId: crypto.randomUUID() });
    await expect(one.record(task)).rejects.toThrow();
    expect(await one.deliveries()).toEqual([]);
  });
});

describe('a callback', () => {
  it('W1: is a post of the task without its input and its output, signed for who knows the specification alone', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world();
    const task = one.task(`${receiver.url}/hook?of=acme`);
    await one.record(task);
    await one.run();
    expect(receiver.received).toHaveLength(1);
    const [{ method, path, headers, body } = { method: '', path: '', headers: {}, body: '' }] = receiver.received;
    expect([method, path, headers['content-type']]).toEqual(['POST', '/hook?of=acme', 'application/json']);
    const [delivery] = await one.deliveries();
    expect(headers['webhook-id']).toBe(delivery.id);
    expect(delivery).toMatchObject({ status: 'succeeded', attempt: 1, code: 200, error: null });
    const told = JSON.parse(body);
    expect(told).toMatchObject({ type: 'task.updated', tenantId: one.tenantId, data: { id: task.taskId } });
    expect(told.data).toMatchObject({ status: 'succeeded', costUsd: '0.00000465', metadata: { note: 'naïve ✓' } });
    expect(body).not.toContain('a prompt');
    expect(Object.keys(told.data)).not.toContain('output');
    const secret = await one.secret();
    expect(isSignedWebhook(secret, headers, body)).toBe(true);
    expect(isSignedWebhook(secret, headers, body.replace('succeeded', 'succeeder')), 'control: one bit').toBe(false);
    await one.run();
    expect(receiver.received, 'what was taken is not sent again').toHaveLength(1);
  });

  const NO_ANSWER = new Error('read ECONNRESET');
  const TIMEOUT = Object.assign(new Error('slow'), { name: 'TimeoutError' });
  it.each<[string, () => Promise<Response>, number | null]>([
    ['500', async () => new Response(null, { status: 500 }), 500],
    ['301', async () => new Response(null, { status: 301, headers: { location: 'https://other.example/' } }), 301],
    ['nothing in time', () => Promise.reject(TIMEOUT), null],
    ['a reset', () => Promise.reject(NO_ANSWER), null],
    ['429', async () => new Response(null, { status: 429 }), 429],
  ])('W4: answered %s is tried eight times over 27 hours, then given up as a dead letter', async (_, answer, code) => {
    const one = await world();
    await one.record(one.task('https://receiver.example/hook'));
    const sentAt: number[] = [];
    const ids = new Set<string | null>();
    const times = new Set<string | null>();
    const play: typeof fetch = async (url, init) => {
      expect(String(url), 'no redirect is followed').toBe('https://receiver.example/hook');
      const headers = new Headers(init?.headers);
      sentAt.push(one.clock.now);
      ids.add(headers.get('webhook-id'));
      times.add(headers.get('webhook-timestamp'));
      return answer();
    };
    for (let guard = 0; guard < 20; guard++) {
      await one.run({ fetch: play });
      const [{ status, next }] = await one.deliveries();
      if (status === 'failed') break;
      await one.run({ fetch: play }); // before its time nothing is sent
      one.clock.now = Math.ceil(next);
    }
    expect(sentAt).toHaveLength(MOST_DELIVERY_ATTEMPTS);
    expect((sentAt.at(-1) ?? 0) - (sentAt[0] ?? 0)).toBeGreaterThanOrEqual(27 * HOUR_MS);
    expect(ids.size).toBe(1);
    expect(times.size, 'W2: each attempt is signed with its own time, under the same id').toBe(MOST_DELIVERY_ATTEMPTS);
    const [delivery] = await one.deliveries();
    expect(delivery).toMatchObject({
      status: 'failed',
      attempt: MOST_DELIVERY_ATTEMPTS,
      code,
      error: expect.any(String),
    });
    const letter = { kind: 'callback', subject: delivery.id, status: 'open', attempts: MOST_DELIVERY_ATTEMPTS };
    expect(await one.letters()).toMatchObject([letter]);
    const audit = await owner.query(
      `select target_type from audit_logs where tenant_id = $1 and action = 'dead_letter.created'`,
      [one.tenantId],
    );
    expect(audit.rows).toEqual([{ target_type: 'dead_letter' }]);
  });

  it('W4: is given up at once by 410, and waits as long as Retry-After says', async () => {
    const [gone, busy] = [await world(), await world()];
    await gone.record(gone.task('https://receiver.example/hook'));
    await gone.run({ fetch: async () => new Response(null, { status: 410 }) });
    expect(await gone.deliveries()).toMatchObject([{ status: 'failed', attempt: 1, code: 410 }]);
    expect(await gone.letters()).toHaveLength(1);
    await busy.record(busy.task('https://receiver.example/hook'));
    const headers = { 'retry-after': '7200' };
    await busy.run({ fetch: async () => new Response(null, { status: 503, headers }) });
    const [{ status, next }] = await busy.deliveries();
    expect([status, next - busy.clock.now >= 2 * HOUR_MS]).toEqual(['pending', true]);
  });

  it('W4: control: the receiver that redirects is not followed, though who follows gets there', async () => {
    await using receiver = await startCheckpointReceiver();
    await using other = await startCheckpointReceiver();
    const one = await world();
    receiver.answer = { status: 307, headers: { location: other.url } };
    await one.record(one.task(receiver.url));
    await one.run();
    expect([receiver.received.length, other.received.length]).toEqual([1, 0]);
    await fetch(receiver.url, { method: 'POST' });
    expect(other.received).toHaveLength(1);
  });

  it('W7: that a run had sent and not noted comes again with the same id: dedupe gives one effect', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world();
    await one.record(one.task(receiver.url));
    const dying: StatementRunner = {
      ...ledger,
      asTenant: (tenantId, statements) =>
        receiver.received.length > 0
          ? Promise.reject(new Error('the run died'))
          : ledger.asTenant(tenantId, statements),
    };
    await one.run({ statements: dying });
    expect(await one.deliveries()).toMatchObject([{ status: 'pending', attempt: 1 }]);
    await one.run();
    expect(receiver.received, 'while its lease lasts nobody else sends it').toHaveLength(1);
    one.clock.now += 2 * MINUTE_MS;
    await one.run();
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(ids, 'control: it came twice').toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(await one.deliveries()).toMatchObject([{ status: 'succeeded', attempt: 2 }]);
  });

  it('is sent once by runs at the same time', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world();
    await one.record(...Array.from({ length: 10 }, () => one.task(receiver.url)));
    await Promise.all([one.run(), one.run(), one.run()]);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect([ids.length, new Set(ids).size]).toEqual([10, 10]);
    await one.secret();
  });

  it('I6: to a private address is not sent, whatever stands in its row', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world();
    await one.record(one.task(receiver.url));
    await one.run({ fetch: publicFetch(fetch, false) });
    expect(receiver.received).toEqual([]);
    expect(await one.deliveries()).toMatchObject([{ status: 'pending', error: 'Its URL is not allowed.' }]);
    one.clock.now += HOUR_MS;
    await one.run();
    expect(receiver.received, 'control: a development may').toHaveLength(1);
  });

  it('is not sent unsigned: it waits, and no attempt is counted, while the vault is away', async () => {
    await using receiver = await startCheckpointReceiver();
    const one = await world();
    await one.record(one.task(receiver.url));
    const open = async () => ({ ok: false, error: { reason: 'unavailable' } }) as const;
    await one.run({ vault: { open, seal: (context, text) => vault.seal(context, text) } });
    expect(await one.deliveries()).toMatchObject([{ status: 'pending', attempt: 0 }]);
    expect(receiver.received).toEqual([]);
    await one.run();
    expect(receiver.received).toHaveLength(1);
  });
});

describe('W6: one dead endpoint among a hundred', () => {
  const ENDPOINTS = 100;
  const DEAD = 'https://dead.example/hook';
  const isDead = (url: unknown) => String(url).startsWith(DEAD);

  /** The dead one with thirty deliveries, which are due first, and others with one each, all of one tenant. */
  async function crowd(others: number) {
    const one = await world();
    await one.record(...Array.from({ length: 30 }, () => one.task(DEAD)));
    await one.record(...Array.from({ length: others }, (_, at) => one.task(`https://host-${at}.example/hook`)));
    return one;
  }

  /** How many of the others are delivered before the dead one's first attempt is over. */
  async function deliveredMeanwhile(atOnce: number, others: number): Promise<{ others: number; dead: number }> {
    const one = await crowd(others);
    const all = Promise.withResolvers<void>();
    const counts = { others: 0, dead: 0 };
    const play: typeof fetch = async (url) => {
      if (isDead(url)) {
        counts.dead += 1;
        await all.promise; // it answers to nobody until the others are done, or nothing else is on its way
        return await Promise.reject(new Error('timeout'));
      }
      counts.others += 1;
      if (counts.others === others) all.resolve();
      return new Response(null, { status: 200 });
    };
    const run = one.run({ fetch: play }, atOnce);
    if (atOnce === 1) {
      await expect.poll(() => counts.dead).toBe(1);
      const before = { ...counts };
      all.resolve();
      await run;
      return before;
    }
    await run;
    return counts;
  }

  it('holds up none of the others, and has one attempt in a run, whatever it has waiting', async () => {
    expect(await deliveredMeanwhile(5, ENDPOINTS - 1)).toEqual({ others: ENDPOINTS - 1, dead: 1 });
  });

  it('control: with one place for all of them the others wait for it', async () => {
    expect((await deliveredMeanwhile(1, 5)).others).toBe(0);
  });

  it('a tenant with many endpoints has no more places in front than one with one', async () => {
    const [many, few] = [await crowd(5), await world()];
    await few.record(few.task('https://only.example/hook'));
    const order: string[] = [];
    const play: typeof fetch = async (url) => {
      order.push(new URL(String(url)).host);
      return new Response(null, { status: 200 });
    };
    await deliverWebhooks({ ...many.ports, fetch: play }, { tenantIds: [many.tenantId, few.tenantId], atOnce: 1 });
    const before = new Set(order.slice(0, order.indexOf('only.example')));
    expect(order).toContain('only.example');
    expect([...before], 'control: 35 were due first').toEqual(['dead.example']);
  });
});
