import type { LedgerBatch } from '../../../shared/contracts/queues.ts';
import { recordDeadLetter } from '../../../shared/services/record-dead-letter.ts';
import { DEAD_LETTER_RETRY_DELAY_SECONDS } from '../constants.ts';
import type { LedgerPorts } from '../ports.ts';

/**
 * Keeps a message that cannot be recorded, and acknowledges it; while Postgres is away it stays in its queue. Once a dead
 * letter is in Postgres its rows (`batch`, null when it cannot be read) leave the outbox: they are no longer lost, and
 * sending them again would end here again.
 */
export async function keepDeadLetter(
  message: Message,
  letter: { readonly queue: string; readonly batch: LedgerBatch | null; readonly reason: string },
  { db, gate, logger }: LedgerPorts,
): Promise<void> {
  const { queue, batch, reason } = letter;
  const { id: messageId, body: payload } = message;
  const tenantId = batch?.tenantId ?? null;
  try {
    await recordDeadLetter({ db, tenantId, queue, messageId, payload, error: reason });
    if (batch) await gate(batch.tenantId, batch.shard).confirm(batch.rows.map(({ sequence }) => sequence));
    logger.error('ledger.dead_letter', { tenantId, messageId, queue, reason });
    message.ack();
  } catch (error) {
    logger.error('ledger.dead_letter_not_recorded', { tenantId, messageId, queue, error });
    message.retry({ delaySeconds: DEAD_LETTER_RETRY_DELAY_SECONDS });
  }
}
