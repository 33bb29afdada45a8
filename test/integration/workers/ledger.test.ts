import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { LedgerBatch, RequestRecorded } from '../../../shared/contracts/queues.ts';
import worker from '../../harness/composed-worker.ts';
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
    await expect(deliver('tasks', [])).rejects.toThrow();
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
