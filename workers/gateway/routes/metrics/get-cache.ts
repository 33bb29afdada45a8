import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { cacheList, cacheQuery } from '../../../../shared/contracts/http/cache-metrics.ts';
import { queryCacheUse } from '../../../../shared/services/query-cache-use.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { readMetrics, toPage, toSumQuery } from './read-metrics.ts';

export const getCacheMetricsRoute = createRoute({
  method: 'get',
  path: '/v1/metrics/cache',
  operationId: 'getCacheMetrics',
  tags: ['Metrics'],
  summary: 'What stored answers saved',
  description:
    'Counts requests that looked for a stored answer, seconds after they ended. The range’s edges count whole periods, without `granularity` whole hours.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('usage:read'),
  request: { headers: tenantHeaders, query: cacheQuery },
  responses: {
    200: jsonAnswer('Lookups, hits and savings, oldest first.', cacheList),
    ...tenantErrors(),
  },
});

export const handleGetCacheMetrics: RouteHandler<typeof getCacheMetricsRoute, AppTypes> = async (context) => {
  const query = toSumQuery(context, context.req.valid('query'));
  if (!query.ok) return errorResponse(context, query.error);
  const { db, now } = context.get('ports');
  const { tenantId } = context.get('tenant');
  const read = await readMetrics(context, () => queryCacheUse({ db, tenantId, query: query.value, now: now() }));
  if (!read.ok) return errorResponse(context, read.error);
  return context.json(toPage(read.value.value, read.value.asOf), 200);
};
