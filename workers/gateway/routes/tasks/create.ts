import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { taskRequest, taskView } from '../../../../shared/contracts/http/tasks.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { acceptTask } from '../../tasks/accept-tasks.ts';
import { originOf } from '../../tasks/origin-of.ts';
import { showTask } from '../../tasks/show-task.ts';
import { newId } from '../../tasks/task-ids.ts';
import { writeOrder } from '../../tasks/write-order.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

/** Errors of what is to become a task. */
export const TASK_ERRORS = [
  ...(['model_not_found', 'model_not_allowed', 'routing_policy_not_found', 'not_supported'] as const),
  'rate_limited',
] as const;

export const createTaskRoute = createRoute({
  method: 'post',
  path: '/v1/tasks',
  operationId: 'createTask',
  tags: ['Tasks'],
  summary: 'Create a task',
  description:
    'A request to a model that nobody waits for. It is answered once the task cannot be lost any more. Money is set aside, and who created it is asked after, when it begins.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('tasks:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: taskRequest } } },
  },
  responses: {
    202: jsonAnswer('The task. It is durable, and will be begun.', taskView),
    ...tenantBodyErrors(TASK_ERRORS),
  },
});

export const handleCreateTask: RouteHandler<typeof createTaskRoute, AppTypes> = async (context) => {
  const taskId = newId(context);
  const order = writeOrder(context.req.valid('json'), originOf(context, { permission: 'tasks:write', taskId }));
  if (!order.ok) return errorResponse(context, order.error);
  const accepted = await acceptTask(context, order.value);
  if (!accepted.ok) return errorResponse(context, accepted.error);
  return context.json(showTask(accepted.value), 202, { location: `/v1/tasks/${taskId}` });
};

/** The place of a task in a path. */
export const taskParams = z.object({ id: z.uuid() });
