import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { taskDetail } from '../../../../shared/contracts/http/tasks.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { changeTask } from '../../tasks/change-task.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { taskParams } from './create.ts';

export const cancelTaskRoute = createRoute({
  method: 'post',
  path: '/v1/tasks/{id}/cancel',
  operationId: 'cancelTask',
  tags: ['Tasks'],
  summary: 'Cancel a task',
  description:
    'One that runs has its call to the provider ended; what that may have cost is settled. One that has succeeded or failed stays so.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:write'),
  request: { headers: tenantHeaders, params: taskParams },
  responses: {
    200: jsonAnswer('The task as it is now.', taskDetail),
    ...tenantErrors(['not_found', 'conflict']),
  },
});

export const handleCancelTask: RouteHandler<typeof cancelTaskRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const changed = await changeTask(context, id, 'cancel');
  return changed.ok ? context.json(changed.value, 200) : errorResponse(context, changed.error);
};
