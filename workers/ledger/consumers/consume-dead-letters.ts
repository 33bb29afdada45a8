import { ledgerBatch } from '../../../shared/contracts/queues.ts';
import { recordDeadLetter } from '../../../shared/services/record-dead-letter.ts';
import { DEAD_LETTER_RETRY_DELAY_SECONDS } from '../constants.ts';
import type { LedgerPorts } from '../ports.ts';

/**
 * Keeps what the ledger could not write. Once a dead letter is in Postgres its rows leave the outbox: they are no longer
 * lost, and sending them again would end here again.
 */
export async function consumeDeadLetters(batch: MessageBatch, ports: LedgerPorts): Promise<void> {
  for (const message of batch.messages) {
    const parsed = ledgerBatch.safeParse(message.body);
    const tenantId = parsed.success ? parsed.data.tenantId : null;
    const { id: messageId, body: payload } = message;
    const error = 'the ledger refused this message in every attempt';
    try {
      await recordDeadLetter({ db: ports.db, tenantId, queue: batch.queue, messageId, payload, error });
      if (parsed.success) {
        await ports.gate(parsed.data.tenantId).confirm(parsed.data.events.map(({ sequence }) => sequence));
      }
      ports.logger.error('ledger.dead_letter', { tenantId, messageId });
      message.ack();
    } catch (cause) {
      ports.logger.error('ledger.dead_letter_not_recorded', { tenantId, messageId, error: cause });
      message.retry({ delaySeconds: DEAD_LETTER_RETRY_DELAY_SECONDS });
    }
  }
}
