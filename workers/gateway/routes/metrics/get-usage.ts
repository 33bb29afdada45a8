import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { usageList, usageQuery } from '../../../../shared/contracts/http/usage-metrics.ts';
import { queryUsage } from '../../../../shared/services/query-usage.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { readMetrics, toPage, toSumQuery } from './read-metrics.ts';

export const getUsageRoute = createRoute({
  method: 'get',
  path: '/v1/metrics/usage',
  operationId: 'getUsage',
  tags: ['Metrics'],
  summary: 'Usage by hour, day or month',
  description: 'Counts every request once, seconds after it ended. The range’s edges count whole periods.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('usage:read'),
  request: { headers: tenantHeaders, query: usageQuery },
  responses: {
    200: jsonAnswer('Usage, oldest first.', usageList),
    ...tenantErrors(),
  },
});

export const handleGetUsage: RouteHandler<typeof getUsageRoute, AppTypes> = async (context) => {
  const input = context.req.valid('query');
  const query = toSumQuery(context, input);
  if (!query.ok) return errorResponse(context, query.error);
  const { db, now } = context.get('ports');
  const { tenantId } = context.get('tenant');
  const read = await readMetrics(context, () =>
    queryUsage({ db, tenantId, query: { ...query.value, unit: input.unit }, now: now() }),
  );
  if (!read.ok) return errorResponse(context, read.error);
  return context.json(toPage(read.value.value, read.value.asOf), 200);
};
