import * as z from 'zod';

const logicalQueue = z.enum(['ledger', 'ledger-dlq', 'tasks-dlq']);
export type LogicalQueue = z.infer<typeof logicalQueue>;

/** The queue's name without the suffix of its deployment. Throws on a queue that this script does not consume. */
export function logicalQueueName(queue: string): LogicalQueue {
  return logicalQueue.parse(queue.replace(/-(eu|us|staging)$/, ''));
}
