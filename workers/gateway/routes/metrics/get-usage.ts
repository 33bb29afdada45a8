import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { usageList, usageQuery } from '../../../../shared/contracts/http/usage-metrics.ts';
import { queryUsage } from '../../../../shared/services/query-usage.ts';
import type { AppTypes } from '../../app-context.ts';
import { UNAVAILABLE_RETRY_MS } from '../../constants.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

const DAY_MS = 86_400_000;

export const getUsageRoute = createRoute({
  method: 'get',
  path: '/v1/metrics/usage',
  operationId: 'getUsage',
  tags: ['Metrics'],
  summary: 'Usage by hour',
  description: 'Counts every request once, seconds after it ended.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('usage:read'),
  request: { headers: tenantHeaders, query: usageQuery },
  responses: {
    200: jsonAnswer('Usage, oldest first.', usageList),
    ...tenantErrors(),
  },
});

export const handleGetUsage: RouteHandler<typeof getUsageRoute, AppTypes> = async (context) => {
  const { from, to, unit, limit, cursor } = context.req.valid('query');
  const { db, now } = context.get('ports');
  const end = to === undefined ? new Date(now()) : new Date(to);
  const start = from === undefined ? new Date(end.getTime() - DAY_MS) : new Date(from);
  if (start > end) {
    const detail = '`from` lies after `to`.';
    return errorResponse(context, { code: 'bad_request', detail, errors: [{ pointer: '/from', detail }] });
  }
  const { tenantId } = context.get('tenant');
  try {
    const page = await queryUsage({ db, tenantId, from: start, to: end, unit, limit, cursor: cursor ?? null });
    return context.json(page, 200);
  } catch (error) {
    context.get('logger').error('usage.unavailable', { error });
    const detail = 'Usage cannot be read right now; it goes on being counted.';
    return errorResponse(context, { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS });
  }
};
