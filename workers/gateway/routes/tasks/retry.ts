import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { taskDetail } from '../../../../shared/contracts/http/tasks.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { changeTask } from '../../tasks/change-task.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { taskParams } from './create.ts';

export const retryTaskRoute = createRoute({
  method: 'post',
  path: '/v1/tasks/{id}/retry',
  operationId: 'retryTask',
  tags: ['Tasks'],
  summary: 'Retry a task',
  description:
    'Of one that failed or was canceled: as many attempts again as it was created with, as its creator may still make them.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:write'),
  request: { headers: tenantHeaders, params: taskParams },
  responses: {
    200: jsonAnswer('The task as it is now.', taskDetail),
    ...tenantErrors(['not_found', 'conflict']),
  },
});

export const handleRetryTask: RouteHandler<typeof retryTaskRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const changed = await changeTask(context, id, 'retry');
  return changed.ok ? context.json(changed.value, 200) : errorResponse(context, changed.error);
};
