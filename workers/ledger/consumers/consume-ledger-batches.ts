import { type LedgerBatch, ledgerBatch } from '../../../shared/contracts/queues.ts';
import { isTransient } from '../../../shared/db/is-transient.ts';
import { continueTrace } from '../../../shared/platform/trace-context.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { RETRY_DELAY_SECONDS } from '../constants.ts';
import type { LedgerPorts } from '../ports.ts';
import { keepDeadLetter } from './keep-dead-letter.ts';

/**
 * Writes batches of outbox rows to Postgres and confirms them to their TenantGate. Any number of deliveries, in any
 * order, leaves the same rows. A message is acknowledged, unconfirmed, while Postgres is away: its rows are still in the
 * outbox, which sends them again. One that Postgres refuses is retried and ends as a dead letter.
 */
export async function consumeLedgerBatches(batch: MessageBatch, ports: LedgerPorts): Promise<void> {
  for (const message of batch.messages) {
    const parsed = ledgerBatch.safeParse(message.body);
    if (parsed.success) await consume(message, parsed.data, ports);
    else await keepDeadLetter(message, { queue: batch.queue, batch: null, reason: parsed.error.message }, ports);
  }
}

async function consume(message: Message, batch: LedgerBatch, ports: LedgerPorts): Promise<void> {
  const { tenantId } = batch;
  const { traceId } = continueTrace(batch.traceparent);
  const logger = ports.logger.with({ tenantId, traceId, messageId: message.id, rows: batch.events.length });
  try {
    await ports.spans.run('ledger.record', { 'eufm.tenant_id': tenantId, 'eufm.trace_id': traceId }, () =>
      recordRequests({ db: ports.db, tenantId, events: batch.events.map(({ event }) => event) }),
    );
  } catch (error) {
    if (isTransient(error)) {
      logger.warn('ledger.database_away', { error });
      message.ack();
    } else {
      logger.error('ledger.refused', { attempt: message.attempts, error });
      message.retry({ delaySeconds: RETRY_DELAY_SECONDS });
    }
    return;
  }
  message.ack();
  try {
    await ports.gate(tenantId).confirm(batch.events.map(({ sequence }) => sequence));
    logger.info('ledger.recorded', { attempt: message.attempts });
  } catch (error) {
    logger.warn('ledger.not_confirmed', { error });
  }
}
