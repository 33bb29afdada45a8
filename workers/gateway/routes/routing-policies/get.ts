import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { routingPolicy } from '../../../../shared/contracts/http/routing-policies.ts';
import { getRoutingPolicy } from '../../../../shared/services/get-routing-policy.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getRoutingPolicyRoute = createRoute({
  method: 'get',
  path: '/v1/routing-policies/{id}',
  operationId: 'getRoutingPolicy',
  tags: ['Routing'],
  summary: 'Get a routing policy',
  description: 'With its draft, where it has one.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:read'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The routing policy.', routingPolicy),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetRoutingPolicy: RouteHandler<typeof getRoutingPolicyRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getRoutingPolicy({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};
