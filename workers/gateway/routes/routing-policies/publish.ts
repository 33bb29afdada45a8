import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { routingPolicy, routingPolicyPublication } from '../../../../shared/contracts/http/routing-policies.ts';
import { publishRoutingPolicy } from '../../../../shared/services/publish-routing-policy.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const publishRoutingPolicyRoute = createRoute({
  method: 'post',
  path: '/v1/routing-policies/{id}/publish',
  operationId: 'publishRoutingPolicy',
  tags: ['Routing'],
  summary: 'Publish a version of a routing policy',
  description: 'The latest, or the one that is named. It decides from now on.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: routingPolicyPublication } } },
  },
  responses: {
    200: jsonAnswer('The policy as it is now.', routingPolicy),
    ...tenantBodyErrors(['not_found', 'conflict']),
  },
});

export const handlePublishRoutingPolicy: RouteHandler<typeof publishRoutingPolicyRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const input = context.req.valid('json');
  const changed = await applyChange(context, (by) => publishRoutingPolicy(by, id, input.version));
  return changed.ok ? context.json(changed.value, 200) : errorResponse(context, changed.error);
};
