import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { routingPolicy } from '../../../../shared/contracts/http/routing-policies.ts';
import { rollBackRoutingPolicy } from '../../../../shared/services/publish-routing-policy.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const rollBackRoutingPolicyRoute = createRoute({
  method: 'post',
  path: '/v1/routing-policies/{id}/rollback',
  operationId: 'rollBackRoutingPolicy',
  tags: ['Routing'],
  summary: 'Roll a routing policy back',
  description: 'To the version that decided before. Done twice, it is undone.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
  },
  responses: {
    200: jsonAnswer('The policy as it is now.', routingPolicy),
    ...tenantErrors(['not_found', 'conflict']),
  },
});

export const handleRollBackRoutingPolicy: RouteHandler<typeof rollBackRoutingPolicyRoute, AppTypes> = async (
  context,
) => {
  const { id } = context.req.valid('param');
  const changed = await applyChange(context, (by) => rollBackRoutingPolicy(by, id));
  return changed.ok ? context.json(changed.value, 200) : errorResponse(context, changed.error);
};
