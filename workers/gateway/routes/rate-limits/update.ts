import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { rateLimit, rateLimitChange } from '../../../../shared/contracts/http/rate-limits.ts';
import { updateRateLimit } from '../../../../shared/services/update-rate-limit.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateRateLimitRoute = createRoute({
  method: 'patch',
  path: '/v1/rate-limits/{id}',
  operationId: 'updateRateLimit',
  tags: ['Limits'],
  summary: 'Change a rate limit',
  description: 'Fields that the body does not name stay as they are. What was counted stays counted.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: rateLimitChange } } },
  },
  responses: {
    200: jsonAnswer('The rate limit as it is now.', rateLimit),
    ...tenantBodyErrors(['not_found']),
  },
});

export const handleUpdateRateLimit: RouteHandler<typeof updateRateLimitRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await applyChange(context, (by) => updateRateLimit(by, id, change));
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};
