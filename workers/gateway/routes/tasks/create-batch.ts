import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { acceptedBatch, taskBatchRequest } from '../../../../shared/contracts/http/tasks.ts';
import type { TaskOrder } from '../../../../shared/contracts/tasks.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { acceptTasks } from '../../tasks/accept-tasks.ts';
import { originOf } from '../../tasks/origin-of.ts';
import { idsOfBatch, newId } from '../../tasks/task-ids.ts';
import { writeOrder } from '../../tasks/write-order.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';
import { TASK_ERRORS } from './create.ts';

export const createTaskBatchRoute = createRoute({
  method: 'post',
  path: '/v1/tasks/batch',
  operationId: 'createTaskBatch',
  tags: ['Tasks'],
  summary: 'Create a batch of tasks',
  description: 'Up to 1,000 tasks at once. One that is not valid refuses them all.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('tasks:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: taskBatchRequest } } },
  },
  responses: {
    202: jsonAnswer('The batch. All of its tasks are durable.', acceptedBatch),
    ...tenantBodyErrors(TASK_ERRORS),
  },
});

export const handleCreateTaskBatch: RouteHandler<typeof createTaskBatchRoute, AppTypes> = async (context) => {
  const { tasks } = context.req.valid('json');
  const batchId = newId(context);
  const taskIds = await idsOfBatch(batchId, tasks.length);
  const orders: TaskOrder[] = [];
  for (const [index, task] of tasks.entries()) {
    const taskId = taskIds[index] ?? '';
    const order = writeOrder(task, originOf(context, { permission: 'tasks:write', taskId, batchId }));
    if (!order.ok) {
      const { errors = [], ...error } = order.error;
      const at = errors.map(({ pointer, detail }) => ({ pointer: `/tasks/${index}${pointer}`, detail }));
      return errorResponse(context, { ...error, errors: at });
    }
    orders.push(order.value);
  }
  const accepted = await acceptTasks(context, orders);
  if (!accepted.ok) return errorResponse(context, accepted.error);
  const total = orders.length;
  const progress = { ...{ queued: total, running: 0, succeeded: 0, failed: 0, canceled: 0 }, total, ended: 0 };
  return context.json({ id: batchId, ...progress, taskIds }, 202, { location: `/v1/task-batches/${batchId}` });
};
