import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteRateLimit } from '../../../../shared/services/delete-rate-limit.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteRateLimitRoute = createRoute({
  method: 'delete',
  path: '/v1/rate-limits/{id}',
  operationId: 'deleteRateLimit',
  tags: ['Limits'],
  summary: 'Remove a rate limit',
  description: 'It refuses nothing any more.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleDeleteRateLimit: RouteHandler<typeof deleteRateLimitRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const deleted = await applyChange(context, (by) => deleteRateLimit(by, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};
