import { runnerOf } from '../../../durable-objects/stubs.ts';
import type { TaskDetailView } from '../../../shared/contracts/http/tasks.ts';
import { getTaskRecord } from '../../../shared/services/get-task-record.ts';
import type { GatewayPorts } from '../ports.ts';
import { deliveriesOf } from './deliveries-of.ts';
import { showTaskDetail } from './show-task.ts';

/** A tenant's task: as its runner has it, or, once that has forgotten it, as the record does. */
export async function findTask(
  ports: GatewayPorts,
  tenantId: string,
  id: string,
  waitMs: number,
): Promise<TaskDetailView | null> {
  const { taskRunner, db } = ports;
  const task = await taskRunner(tenantId, runnerOf(id)).get(id, waitMs);
  if (!task) return await getTaskRecord({ db, tenantId, id });
  return showTaskDetail(task, await deliveriesOf(ports, tenantId, task));
}
