import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteRoutingPolicy } from '../../../../shared/services/delete-routing-policy.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteRoutingPolicyRoute = createRoute({
  method: 'delete',
  path: '/v1/routing-policies/{id}',
  operationId: 'deleteRoutingPolicy',
  tags: ['Routing'],
  summary: 'Remove a routing policy',
  description: 'With all of its versions. Requests that name it are refused.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleDeleteRoutingPolicy: RouteHandler<typeof deleteRoutingPolicyRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const deleted = await applyChange(context, (by) => deleteRoutingPolicy(by, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};
