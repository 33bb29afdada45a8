import { tasksDue } from '../../../shared/contracts/queues.ts';
import type { LedgerPorts } from '../ports.ts';
import { keepDeadLetter } from './keep-dead-letter.ts';

const REASON = 'the runner of these tasks could not be reached in any attempt; it hints at them again by itself';

/** Keeps hints that their consumer gave up. No task is lost with one: its runner has it, and hints at it again. */
export async function consumeTaskDeadLetters(batch: MessageBatch, ports: LedgerPorts): Promise<void> {
  for (const message of batch.messages) {
    const { success, error } = tasksDue.safeParse(message.body);
    await keepDeadLetter(message, { queue: batch.queue, batch: null, reason: success ? REASON : error.message }, ports);
  }
}
