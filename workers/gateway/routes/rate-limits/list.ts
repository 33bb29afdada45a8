import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { rateLimitList } from '../../../../shared/contracts/http/rate-limits.ts';
import { listRateLimits } from '../../../../shared/services/list-rate-limits.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listRateLimitsRoute = createRoute({
  method: 'get',
  path: '/v1/rate-limits',
  operationId: 'listRateLimits',
  tags: ['Limits'],
  summary: 'List the tenant’s rate limits',
  description: 'What each of them has left: `GET /v1/limits`.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of rate limits.', rateLimitList),
    ...tenantErrors(),
  },
});

export const handleListRateLimits: RouteHandler<typeof listRateLimitsRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listRateLimits({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};
