import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LedgerBatch, RequestRecorded } from '../../../shared/contracts/queues.ts';
import { createDatabase } from '../../../shared/db/client.ts';
import { replayDeadLetter } from '../../../shared/services/replay-dead-letter.ts';
import worker from '../../harness/composed-worker.ts';
import { eventually } from '../../harness/eventually.ts';
import { ledgerOf, storedLedger } from '../../harness/ledger-truth.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

function event(tenant: TestTenant, more: Partial<RequestRecorded> = {}): RequestRecorded {
  return {
    type: 'request.recorded',
    requestId: crypto.randomUUID(),
    revision: 1,
    environmentId: tenant.environmentId,
    apiKeyId: tenant.apiKeyId,
    provider: 'openai',
    model: 'gpt-4o-mini',
    taskType: 'chat',
    status: 'completed',
    errorCode: null,
    usage: { inputTokens: 1, outputTokens: 2 },
    costPicoUsd: '3',
    priceVersion: crypto.randomUUID(),
    latencyMs: 1,
    startedAt: Date.now(),
    endedAt: Date.now(),
    traceId: null,
    metadata: {},
    ...more,
  };
}

const batchOf = (tenantId: string, ...events: RequestRecorded[]): LedgerBatch => ({
  type: 'ledger.batch',
  v: 2,
  tenantId,
  shard: 0,
  rows: events.map((recorded, index) => ({ sequence: index + 1, events: JSON.stringify([recorded]) })),
});

/** Delivers messages as a queue would; answers which were acknowledged and which are to be delivered again. */
async function deliver(queue: string, bodies: unknown[], env = testEnv) {
  const ids = bodies.map(() => crypto.randomUUID());
  const messages = bodies.map((body, index) => ({ id: ids[index] ?? '', timestamp: new Date(), attempts: 1, body }));
  const batch = createMessageBatch(queue, messages);
  const context = createExecutionContext();
  await worker.queue(batch, env, context);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context);
  return { ids, acks: explicitAcks, retries: retryMessages.map(({ msgId }) => msgId) };
}

const requestCount = async ({ tenantId }: TestTenant) =>
  Number((await ownerSql()`select count(*) as n from requests where tenant_id = ${tenantId}`)[0]?.n);

const deadLetters = (ids: string[]) =>
  ownerSql()`select queue, payload, error from dead_letters where message_id = any(${ids})`;

describe('the LEDGER consumer', () => {
  it('records a message once, however often it is delivered', async () => {
    const tenant = await mintTenant();
    const batch = batchOf(tenant.tenantId, event(tenant), event(tenant));
    for (let delivery = 0; delivery < 3; delivery++)
      expect((await deliver('ledger', [batch, batch])).acks).toHaveLength(2);
    expect(await requestCount(tenant)).toBe(2);
  });

  it('works under the queue names of every deployment, and refuses a queue that is not its own', async () => {
    const tenant = await mintTenant();
    await deliver('ledger-eu', [batchOf(tenant.tenantId, event(tenant))]);
    expect(await requestCount(tenant)).toBe(1);
    await expect(deliver('nobodys', [])).rejects.toThrow();
  });

  it('keeps a message that it cannot read, and records its neighbours', async () => {
    const tenant = await mintTenant();
    const { ids, acks } = await deliver('ledger', [{ type: 'nonsense' }, batchOf(tenant.tenantId, event(tenant))]);
    expect(acks).toEqual(ids);
    expect(await requestCount(tenant)).toBe(1);
    expect(await deadLetters(ids)).toMatchObject([{ queue: 'ledger', payload: { type: 'nonsense' } }]);
  });

  it('retries a message that Postgres refuses, and keeps it as a dead letter in the end', async () => {
    const tenant = await mintTenant();
    const refused = batchOf(crypto.randomUUID(), event(tenant));
    const first = await deliver('ledger', [refused]);
    expect(first).toMatchObject({ acks: [], retries: first.ids });
    const last = await deliver('ledger-dlq', [refused]);
    expect(last).toMatchObject({ acks: last.ids, retries: [] });
    expect(await deadLetters(last.ids)).toMatchObject([{ queue: 'ledger-dlq', payload: refused }]);
  });

  it('leaves a message to the outbox while Postgres is away, and a dead letter to the queue', async () => {
    const tenant = await mintTenant();
    const away = { ...testEnv, NEON_ENDPOINT: testEnv.CLOSED_URL };
    const batch = batchOf(tenant.tenantId, event(tenant));
    const recorded = await deliver('ledger', [batch], away);
    expect(recorded).toMatchObject({ acks: recorded.ids, retries: [] });
    const dead = await deliver('ledger-dlq', [batch], away);
    expect(dead).toMatchObject({ acks: [], retries: dead.ids });
    await deliver('ledger', [batch]);
    expect(await requestCount(tenant)).toBe(1);
  });
});

describe('F8: a poison message', () => {
  /** A queue that tries a message six times, two seconds apart. */
  const PATIENCE_MS = 50_000;

  afterEach(() => vi.restoreAllMocks());

  /** Sends a message through the queue itself, as a gate does. */
  const send = (batch: LedgerBatch) => (testEnv as unknown as { readonly LEDGER: Queue }).LEDGER.send(batch);

  const lettersOf = (tenantId: string) =>
    ownerSql()`select id, queue, error, replayed_at, replay_count from dead_letters where subject_tenant = ${tenantId}`;

  /** Lines of the ledger's log about a tenant, by event. */
  function watchLog(tenantId: string) {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {});
    return (event: string) =>
      written.mock.calls
        .map(([line]): Record<string, unknown> => JSON.parse(String(line)))
        .filter((line) => line.event === event && line.tenantId === tenantId);
  }

  it(
    'is tried as often as its queue allows, kept and told of, and restored by a replay once its cause is gone',
    async () => {
      const missing = crypto.randomUUID();
      const recorded = event(await mintTenant());
      const linesOf = watchLog(missing);
      await send(batchOf(missing, recorded));
      const letters = await eventually(
        () => lettersOf(missing),
        (found) => found.length > 0,
        PATIENCE_MS,
      );
      expect(letters).toMatchObject([{ queue: 'ledger-dlq', replayed_at: null }]);
      expect(linesOf('ledger.refused').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
      const told = await eventually(
        async () => linesOf('ledger.dead_letter'),
        (lines) => lines.length > 0,
      );
      expect(told).toMatchObject([{ level: 'error', queue: 'ledger-dlq' }]);

      const db = createDatabase({ databaseUrl: testEnv.LEDGER_DATABASE_URL, neonEndpoint: testEnv.NEON_ENDPOINT });
      const id = String(letters[0]?.id);
      expect(await replayDeadLetter({ db, id })).toMatchObject({ ok: false, error: { reason: 'refused' } });
      await ownerSql()`insert into tenants (id, name, slug, region) values (${missing}, 'Test', ${missing}, 'eu')`;
      expect(await replayDeadLetter({ db, id })).toEqual({ ok: true, value: 1 });
      expect(await storedLedger((text, values) => ownerSql().query(text, values), missing)).toEqual(
        ledgerOf([recorded]),
      );
      expect(await lettersOf(missing)).toMatchObject([{ id, replay_count: 1, replayed_at: expect.any(String) }]);
    },
    PATIENCE_MS + 10_000,
  );

  it('control: a sound message is recorded at once, and is no dead letter', async () => {
    const tenant = await mintTenant();
    const linesOf = watchLog(tenant.tenantId);
    await send(batchOf(tenant.tenantId, event(tenant)));
    expect(
      await eventually(
        () => requestCount(tenant),
        (count) => count > 0,
      ),
    ).toBe(1);
    expect(await lettersOf(tenant.tenantId)).toEqual([]);
    expect([...linesOf('ledger.refused'), ...linesOf('ledger.dead_letter')]).toEqual([]);
  });
});
