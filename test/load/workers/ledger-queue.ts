import { Buffer } from 'node:buffer';
import { type StubBindings, tenantGate } from '../../../durable-objects/stubs.ts';
import type { LedgerBatch } from '../../../shared/contracts/queues.ts';

interface QueueEnv extends StubBindings {
  /** This Worker's own `consumer`. */
  readonly CONSUMER: Consumer;
  /** Wakes tasks' runners. */
  readonly TASKS_CONSUMER: Consumer;
  /** How many of the ledger's messages are delivered together, and for how many seconds they wait for each other at most. */
  readonly MAX_BATCH_SIZE: string;
  readonly MAX_BATCH_TIMEOUT: string;
}

interface Consumer {
  queue(name: string, messages: readonly Delivery[]): Promise<unknown>;
}

/** A message as workerd hands it to a `queue` handler. */
interface Delivery {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  readonly body: unknown;
}

/** The body of the request that a queue binding sends for `sendBatch`; each message is JSON in base64. */
interface SentBatch {
  readonly messages: readonly { readonly body: string }[];
}

/** `sendBatch` wants to be told of a backlog. There is none. */
const SENT = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };

/** Messages for the ledger that are not delivered yet. */
const waiting: Delivery[] = [];
let isGathering = false;

/**
 * Plays the broker of the queues: workerd has none. Messages for the ledger gather as its consumer's wrangler.toml has it;
 * hints of tasks, which wait for no others there, are delivered at once.
 */
export const broker: ExportedHandler<QueueEnv> = {
  async fetch(request, env, context) {
    const deliveries = (await bodiesOf(request)).map((body, index) => ({
      ...{ id: `${index}`, timestamp: new Date(), attempts: 1 },
      body,
    }));
    const hints = deliveries.filter(({ body }) => body.type === 'tasks.due');
    if (hints.length > 0) await env.TASKS_CONSUMER.queue('tasks', hints);
    waiting.push(...deliveries.filter(({ body }) => body.type !== 'tasks.due'));
    context.waitUntil(deliver(env));
    return Response.json(SENT);
  },
};

/** Delivers full batches at once, and what is left when its time is over. Who comes meanwhile leaves that to the first. */
async function deliver({ CONSUMER, MAX_BATCH_SIZE, MAX_BATCH_TIMEOUT }: QueueEnv): Promise<void> {
  while (waiting.length > 0) {
    if (waiting.length < Number(MAX_BATCH_SIZE)) {
      if (isGathering) return;
      isGathering = true;
      await scheduler.wait(Number(MAX_BATCH_TIMEOUT) * 1000);
      isGathering = false;
    }
    const batch = waiting.splice(0, Number(MAX_BATCH_SIZE));
    if (batch.length > 0) await CONSUMER.queue('ledger', batch);
  }
}

/** What was sent: one message as it is, or a batch. */
async function bodiesOf(request: Request): Promise<{ readonly type?: string }[]> {
  if (new URL(request.url).pathname.endsWith('/message')) return [await request.json()];
  const { messages } = await request.json<SentBatch>();
  return messages.map(({ body }) => JSON.parse(Buffer.from(body, 'base64').toString()));
}

/** Plays the ledger: every row counts as written to Postgres, so that it leaves the outbox as it does in production. */
export const consumer: ExportedHandler<QueueEnv, LedgerBatch> = {
  async queue({ messages }, env) {
    const objects = Map.groupBy(messages, ({ body: { tenantId, shard } }) => `${tenantId}/${shard}`);
    for (const [first, ...others] of objects.values()) {
      if (!first) continue;
      const { tenantId, shard } = first.body;
      const rows = [first, ...others].flatMap(({ body }) => body.rows);
      await tenantGate(env, tenantId, shard).confirm(rows.map(({ sequence }) => sequence));
    }
  },
};
