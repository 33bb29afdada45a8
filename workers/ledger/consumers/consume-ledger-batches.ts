import type { LedgerBatch, LedgerEvent } from '../../../shared/contracts/queues.ts';
import { isTransient } from '../../../shared/db/is-transient.ts';
import { hasUsedUpAttempts } from '../../../shared/domain/tasks/task-event.ts';
import { type LedgerReading, readLedgerBatch } from '../../../shared/services/read-ledger-batch.ts';
import { recordLedgerEvents } from '../../../shared/services/record-ledger-events.ts';
import { RETRY_DELAY_SECONDS } from '../constants.ts';
import type { LedgerPorts } from '../ports.ts';
import { keepDeadLetter } from './keep-dead-letter.ts';

/**
 * Writes batches of outbox rows to Postgres and confirms them to their TenantGate. Any number of deliveries, in any
 * order, leaves the same rows. Deliveries that are among them are begun to be sent once all is confirmed. A message is acknowledged, unconfirmed, while Postgres is away: its rows are still in the
 * outbox, which sends them again. One that Postgres refuses is retried and ends as a dead letter.
 */
export async function consumeLedgerBatches(batch: MessageBatch, ports: LedgerPorts): Promise<void> {
  const recorded: LedgerBatch[] = [];
  const toldOf = new Set<string>();
  for (const message of batch.messages) {
    const reading = readLedgerBatch(message.body);
    if (!reading.ok) {
      await keepDeadLetter(message, { queue: batch.queue, batch: reading.batch, reason: reading.reason }, ports);
    } else if (await record(message, reading, ports)) {
      recorded.push(reading.batch);
      if (reading.events.some(hasDelivery)) toldOf.add(reading.batch.tenantId);
    }
  }
  const objects = Map.groupBy(recorded, ({ tenantId, shard }) => `${tenantId}/${shard}`);
  for (const batches of objects.values()) await confirm(batches, ports);
  ports.sendWebhooks([...toldOf]);
}

/** If recording the event wrote a delivery, or may have. */
function hasDelivery(event: LedgerEvent): boolean {
  return event.type === 'task.recorded' && event.callbackUrl !== undefined && event.endedAt !== null;
}

/** True when Postgres has the events. */
async function record(
  message: Message,
  { batch, events }: Extract<LedgerReading, { ok: true }>,
  { db, logger: base, spans }: LedgerPorts,
): Promise<boolean> {
  const { tenantId, rows } = batch;
  const traceId = events.find((event) => event.type === 'request.recorded')?.traceId ?? undefined;
  const logger = base.with({ tenantId, traceId, messageId: message.id, rows: rows.length, events: events.length });
  const attributes = { 'eufm.tenant_id': tenantId, ...(traceId && { 'eufm.trace_id': traceId }) };
  try {
    await spans.run('ledger.record', attributes, () => recordLedgerEvents({ db, tenantId, events }));
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
  const taskIds = events.flatMap((event) =>
    event.type === 'task.recorded' && hasUsedUpAttempts(event) ? [event.taskId] : [],
  );
  if (taskIds.length > 0) logger.warn('task.dead_letter', { taskIds });
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
