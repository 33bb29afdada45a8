import { Buffer } from 'node:buffer';
import { type StubBindings, tenantGate } from '../../../durable-objects/stubs.ts';
import type { LedgerBatch } from '../../../shared/contracts/queues.ts';

interface QueueEnv extends StubBindings {
  /** This Worker's own `consumer`. */
  readonly CONSUMER: { queue(name: string, messages: readonly Delivery[]): Promise<unknown> };
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

/** Plays the queue's broker: workerd has none. What is sent is delivered at once. */
export const broker: ExportedHandler<QueueEnv> = {
  async fetch(request, { CONSUMER }) {
    const { messages } = await request.json<SentBatch>();
    const deliveries = messages.map(({ body }, index) => ({
      ...{ id: `${index}`, timestamp: new Date(), attempts: 1 },
      body: JSON.parse(Buffer.from(body, 'base64').toString()),
    }));
    await CONSUMER.queue('ledger', deliveries);
    return Response.json(SENT);
  },
};

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
