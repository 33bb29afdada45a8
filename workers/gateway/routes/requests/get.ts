import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { requestDetail } from '../../../../shared/contracts/http/requests.ts';
import { getRequest } from '../../../../shared/services/get-request.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getRequestRoute = createRoute({
  method: 'get',
  path: '/v1/requests/{id}',
  operationId: 'getRequest',
  tags: ['Requests'],
  summary: 'Get a request',
  description: 'With every call to a provider, what happened to it, and what its bill comes from.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('usage:read'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The request.', requestDetail),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetRequest: RouteHandler<typeof getRequestRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getRequest({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};
