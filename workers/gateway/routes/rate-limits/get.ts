import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { rateLimit } from '../../../../shared/contracts/http/rate-limits.ts';
import { getRateLimit } from '../../../../shared/services/get-rate-limit.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getRateLimitRoute = createRoute({
  method: 'get',
  path: '/v1/rate-limits/{id}',
  operationId: 'getRateLimit',
  tags: ['Limits'],
  summary: 'Get a rate limit',
  description: 'How it stands: `GET /v1/limits`.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:read'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The rate limit.', rateLimit),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetRateLimit: RouteHandler<typeof getRateLimitRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getRateLimit({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};
