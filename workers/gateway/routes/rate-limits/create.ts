import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { rateLimit, rateLimitInput } from '../../../../shared/contracts/http/rate-limits.ts';
import { createRateLimit } from '../../../../shared/services/create-rate-limit.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createRateLimitRoute = createRoute({
  method: 'post',
  path: '/v1/rate-limits',
  operationId: 'createRateLimit',
  tags: ['Limits'],
  summary: 'Set a rate limit',
  description:
    'A cap on requests or tokens in a window of time, or on requests that run at once. A request falls under every limit whose environment and key are its own.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: rateLimitInput } } },
  },
  responses: {
    201: jsonAnswer('The rate limit. It holds from now on.', rateLimit),
    ...tenantBodyErrors(),
  },
});

export const handleCreateRateLimit: RouteHandler<typeof createRateLimitRoute, AppTypes> = async (context) => {
  const input = context.req.valid('json');
  const created = await applyChange(context, (by) => createRateLimit(by, input));
  return created.ok ? context.json(created.value, 201) : errorResponse(context, created.error);
};
