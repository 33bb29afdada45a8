import { tasksDue } from '../../../shared/contracts/queues.ts';
import type { TaskRunnerRpc } from '../../../shared/contracts/tasks.ts';
import type { Logger } from '../../../shared/platform/logger.ts';

/** What the consumer of hints works with. */
export interface TaskConsumerPorts {
  readonly logger: Logger;
  runner(tenantId: string, runner: number): Pick<TaskRunnerRpc, 'run'>;
}

/** Pause before a hint whose runner could not be reached comes again. */
const RETRY_DELAY_SECONDS = 2;

/**
 * Wakes runners that have something to begin; waits for no provider. A message may come any number of times. One that
 * cannot be read is not acknowledged: after its last attempt it lies in the dead-letter queue.
 */
export async function consumeTasksDue(batch: MessageBatch, { runner, logger }: TaskConsumerPorts): Promise<void> {
  for (const message of batch.messages) {
    const parsed = tasksDue.safeParse(message.body);
    if (!parsed.success) {
      logger.error('tasks.unreadable', { messageId: message.id, attempt: message.attempts, error: parsed.error });
      message.retry();
      continue;
    }
    const { tenantId, runner: number } = parsed.data;
    try {
      await runner(tenantId, number).run();
      message.ack();
    } catch (error) {
      logger.warn('tasks.runner_away', { tenantId, runner: number, error });
      message.retry({ delaySeconds: RETRY_DELAY_SECONDS });
    }
  }
}
