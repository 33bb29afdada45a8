import { uuidv7 } from 'uuidv7';
import type { LedgerBatch, RequestRecorded } from '../../../shared/contracts/queues.ts';

interface FeederEnv {
  /** The ledger's consumer. */
  readonly LEDGER: { queue(name: string, messages: readonly object[]): Promise<{ readonly outcome: string }> };
}

/** Messages that are handed over together, as the ledger's wrangler.toml has it. */
const MESSAGES = 10;
const ENVIRONMENT = '01990000-0000-7000-8000-00000000000e';

/**
 * Hands events of one tenant to the ledger, as the queue would: `POST /?tenant=ID&events=N&batch=M`, M in a message. Each
 * is of a request of its own, so that each is a row.
 */
export const feed: ExportedHandler<FeederEnv> = {
  async fetch(request, { LEDGER }) {
    const query = new URL(request.url).searchParams;
    const [tenantId, events, batch] = [
      query.get('tenant') ?? '',
      Number(query.get('events')),
      Number(query.get('batch')),
    ];
    let fed = 0;
    while (fed < events) {
      const messages = Array.from({ length: MESSAGES }, (_, index) => ({
        ...{ id: `${fed}/${index}`, timestamp: new Date(), attempts: 1 },
        body: messageOf(tenantId, batch),
      }));
      const { outcome } = await LEDGER.queue('ledger', messages);
      if (outcome !== 'ok') return new Response(`the ledger ended with ${outcome}`, { status: 500 });
      fed += MESSAGES * batch;
    }
    return Response.json({ fed });
  },
};

function messageOf(tenantId: string, batch: number): LedgerBatch {
  const events = JSON.stringify(Array.from({ length: batch }, eventOf));
  return { type: 'ledger.batch', v: 2, tenantId, shard: 0, rows: [{ sequence: 1, events }] };
}

function eventOf(): RequestRecorded {
  const endedAt = Date.now();
  return {
    ...{ type: 'request.recorded', requestId: uuidv7(), revision: 1, environmentId: ENVIRONMENT, apiKeyId: null },
    ...{ provider: 'openai', model: 'gpt-4o-mini', taskType: 'chat', status: 'completed', errorCode: null },
    usage: { inputTokens: 211, outputTokens: 84, cachedInputTokens: 0, reasoningTokens: 0 },
    ...{ costPicoUsd: '82050000', priceVersion: '01990000-0000-7000-8000-00000000000d', latencyMs: 812 },
    ...{ startedAt: endedAt - 812, endedAt, traceId: '0af7651916cd43dd8448eb211c80319c', metadata: {} },
  };
}
