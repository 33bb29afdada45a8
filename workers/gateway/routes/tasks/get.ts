import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { taskDetail, taskQuery } from '../../../../shared/contracts/http/tasks.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { findTask } from '../../tasks/find-task.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { taskParams } from './create.ts';

export const getTaskRoute = createRoute({
  method: 'get',
  path: '/v1/tasks/{id}',
  operationId: 'getTask',
  tags: ['Tasks'],
  summary: 'Get a task',
  description:
    'As it is now: asked of what runs it. From thirty days after its end on it is answered from the record, without its result.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:read'),
  request: { headers: tenantHeaders, params: taskParams, query: taskQuery },
  responses: {
    200: jsonAnswer('The task.', taskDetail),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetTask: RouteHandler<typeof getTaskRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { wait } = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const ports = context.get('ports');
  const found = await readRecord(context, () => findTask(ports, tenantId, id, wait * 1000));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};
