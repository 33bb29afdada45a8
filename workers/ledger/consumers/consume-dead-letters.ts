import { readLedgerBatch } from '../../../shared/services/read-ledger-batch.ts';
import type { LedgerPorts } from '../ports.ts';
import { keepDeadLetter } from './keep-dead-letter.ts';

const REASON = 'the ledger refused this message in every attempt';

/** Keeps what the ledger could not write in any attempt. */
export async function consumeDeadLetters(batch: MessageBatch, ports: LedgerPorts): Promise<void> {
  for (const message of batch.messages) {
    const reading = readLedgerBatch(message.body);
    const reason = reading.ok ? REASON : reading.reason;
    await keepDeadLetter(message, { queue: batch.queue, batch: reading.batch, reason }, ports);
  }
}
