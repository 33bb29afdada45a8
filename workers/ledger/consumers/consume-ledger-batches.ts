import { type LedgerBatch, type LedgerEvent, ledgerBatch, ledgerEvents } from '../../../shared/contracts/queues.ts';
import { isTransient } from '../../../shared/db/is-transient.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { recordThresholdEvents } from '../../../shared/services/record-threshold-events.ts';
import { RETRY_DELAY_SECONDS } from '../constants.ts';
import type { LedgerPorts } from '../ports.ts';
import { keepDeadLetter } from './keep-dead-letter.ts';

/**
 * Writes batches of outbox rows to Postgres and confirms them to their TenantGate. Any number of deliveries, in any
 * order, leaves the same rows. A message is acknowledged, unconfirmed, while Postgres is away: its rows are still in the
 * outbox, which sends them again. One that Postgres refuses is retried and ends as a dead letter.
 */
export async function consumeLedgerBatches(batch: MessageBatch, ports: LedgerPorts): Promise<void> {
  const recorded: LedgerBatch[] = [];
  for (const message of batch.messages) {
    const parsed = ledgerBatch.safeParse(message.body);
    if (!parsed.success) {
      await keepDeadLetter(message, { queue: batch.queue, batch: null, reason: parsed.error.message }, ports);
      continue;
    }
    const events = readEvents(parsed.data);
    if (!events.success) {
      await keepDeadLetter(message, { queue: batch.queue, batch: parsed.data, reason: events.error.message }, ports);
    } else if (await record(message, parsed.data, events.data, ports)) recorded.push(parsed.data);
  }
  const objects = Map.groupBy(recorded, ({ tenantId, shard }) => `${tenantId}/${shard}`);
  for (const batches of objects.values()) await confirm(batches, ports);
}

function readEvents({ rows }: LedgerBatch) {
  try {
    return ledgerEvents.safeParse(rows.flatMap(({ events }): unknown => JSON.parse(events)));
  } catch {
    return { success: false, error: new Error('a row is not JSON') } as const;
  }
}

/** True when Postgres has the events. */
async function record(
  message: Message,
  { tenantId, rows }: LedgerBatch,
  events: readonly LedgerEvent[],
  { db, logger: base, spans }: LedgerPorts,
): Promise<boolean> {
  const requests = events.filter((event) => event.type === 'request.recorded');
  const thresholds = events.filter((event) => event.type === 'budget.threshold_reached');
  const traceId = requests[0]?.traceId ?? undefined;
  const logger = base.with({ tenantId, traceId, messageId: message.id, rows: rows.length, events: events.length });
  const attributes = { 'eufm.tenant_id': tenantId, ...(traceId && { 'eufm.trace_id': traceId }) };
  try {
    await spans.run('ledger.record', attributes, async () => {
      await recordRequests({ db, tenantId, events: requests });
      await recordThresholdEvents({ db, tenantId, events: thresholds });
    });
  } catch (error) {
    if (isTransient(error)) {
      logger.warn('ledger.database_away', { error });
      message.ack();
    } else {
      logger.error('ledger.refused', { attempt: message.attempts, error });
      message.retry({ delaySeconds: RETRY_DELAY_SECONDS });
    }
    return false;
  }
  message.ack();
  logger.info('ledger.recorded', { attempt: message.attempts });
  return true;
}

/** Tells one object that its rows are in Postgres. When that fails they are only sent again. */
async function confirm(batches: readonly LedgerBatch[], { gate, logger }: LedgerPorts): Promise<void> {
  const [first] = batches;
  if (!first) return;
  const { tenantId, shard } = first;
  try {
    await gate(tenantId, shard).confirm(batches.flatMap(({ rows }) => rows.map(({ sequence }) => sequence)));
  } catch (error) {
    logger.warn('ledger.not_confirmed', { tenantId, shard, error });
  }
}
