import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { routingPolicy, routingPolicyChange } from '../../../../shared/contracts/http/routing-policies.ts';
import { updateRoutingPolicy } from '../../../../shared/services/update-routing-policy.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateRoutingPolicyRoute = createRoute({
  method: 'patch',
  path: '/v1/routing-policies/{id}',
  operationId: 'updateRoutingPolicy',
  tags: ['Routing'],
  summary: 'Change a routing policy',
  description:
    'A new `strategy` is a draft, and decides nothing before it is published. The other fields change at once.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: routingPolicyChange } } },
  },
  responses: {
    200: jsonAnswer('The policy as it is now.', routingPolicy),
    ...tenantBodyErrors(['not_found', 'already_exists', 'conflict']),
  },
});

export const handleUpdateRoutingPolicy: RouteHandler<typeof updateRoutingPolicyRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const input = context.req.valid('json');
  const changed = await applyChange(context, (by) => updateRoutingPolicy(by, id, input));
  return changed.ok ? context.json(changed.value, 200) : errorResponse(context, changed.error);
};
