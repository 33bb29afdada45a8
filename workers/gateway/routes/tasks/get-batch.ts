import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { taskBatch } from '../../../../shared/contracts/http/tasks.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { findBatch } from '../../tasks/find-batch.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { taskParams } from './create.ts';

export const getTaskBatchRoute = createRoute({
  method: 'get',
  path: '/v1/task-batches/{id}',
  operationId: 'getTaskBatch',
  tags: ['Tasks'],
  summary: 'Get the progress of a batch',
  description: 'As it is now. Its tasks: `GET /v1/tasks?batchId=`.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:read'),
  request: { headers: tenantHeaders, params: taskParams },
  responses: {
    200: jsonAnswer('The batch.', taskBatch),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetTaskBatch: RouteHandler<typeof getTaskBatchRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const ports = context.get('ports');
  const found = await readRecord(context, () => findBatch(ports, tenantId, id));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};
