import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deadLetter } from '../../../../shared/contracts/http/dead-letters.ts';
import { getTenantDeadLetter } from '../../../../shared/services/get-tenant-dead-letter.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deadLetterParams = z.object({ id: z.uuid() });

export const getDeadLetterRoute = createRoute({
  method: 'get',
  path: '/v1/dead-letters/{id}',
  operationId: 'getDeadLetter',
  tags: ['Tasks'],
  summary: 'Get a dead letter',
  security: TENANT_SECURITY,
  middleware: tenantRoute('tasks:read'),
  request: { headers: tenantHeaders, params: deadLetterParams },
  responses: {
    200: jsonAnswer('The dead letter.', deadLetter),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetDeadLetter: RouteHandler<typeof getDeadLetterRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getTenantDeadLetter({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};
