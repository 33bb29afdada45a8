import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { routingPolicy, routingPolicyInput } from '../../../../shared/contracts/http/routing-policies.ts';
import { createRoutingPolicy } from '../../../../shared/services/create-routing-policy.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createRoutingPolicyRoute = createRoute({
  method: 'post',
  path: '/v1/routing-policies',
  operationId: 'createRoutingPolicy',
  tags: ['Routing'],
  summary: 'Make a routing policy',
  description:
    'Where requests go, by rules. It decides at once for those that name it, and with `isDefault` for those that name nothing.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: routingPolicyInput } } },
  },
  responses: {
    201: jsonAnswer('The policy, at version 1.', routingPolicy),
    ...tenantBodyErrors(['already_exists']),
  },
});

export const handleCreateRoutingPolicy: RouteHandler<typeof createRoutingPolicyRoute, AppTypes> = async (context) => {
  const input = context.req.valid('json');
  const changed = await applyChange(context, (by) => createRoutingPolicy(by, input));
  return changed.ok ? context.json(changed.value, 201) : errorResponse(context, changed.error);
};
