import type { CallbackDelivery } from '../../../shared/contracts/http/tasks.ts';
import type { TaskDetail } from '../../../shared/contracts/tasks.ts';
import { listCallbackDeliveries } from '../../../shared/services/list-callback-deliveries.ts';
import type { GatewayPorts } from '../ports.ts';

/** How far a task's ends are told. A task can be looked at while Postgres is away, so that they then are null. */
export async function deliveriesOf(
  { db, logger }: Pick<GatewayPorts, 'db' | 'logger'>,
  tenantId: string,
  { facts }: Pick<TaskDetail, 'facts'>,
): Promise<CallbackDelivery[] | null> {
  if (facts.callbackUrl === undefined) return [];
  try {
    return await listCallbackDeliveries({ db, tenantId, taskId: facts.taskId });
  } catch (error) {
    logger.warn('tasks.deliveries_not_read', { tenantId, taskId: facts.taskId, error });
    return null;
  }
}
