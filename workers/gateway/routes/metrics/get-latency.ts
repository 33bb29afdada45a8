import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { latencyList, latencyQuery } from '../../../../shared/contracts/http/latency-metrics.ts';
import { queryLatency } from '../../../../shared/services/query-latency.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { readMetrics, toPage, toSumQuery } from './read-metrics.ts';

export const getLatencyRoute = createRoute({
  method: 'get',
  path: '/v1/metrics/latency',
  operationId: 'getLatency',
  tags: ['Metrics'],
  summary: 'How long requests took',
  description:
    'Quantiles of the time from a request’s start to its end, by provider and model. The range’s edges count whole periods, without `granularity` whole hours.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('usage:read'),
  request: { headers: tenantHeaders, query: latencyQuery },
  responses: {
    200: jsonAnswer('Latencies, oldest first.', latencyList),
    ...tenantErrors(),
  },
});

export const handleGetLatency: RouteHandler<typeof getLatencyRoute, AppTypes> = async (context) => {
  const input = context.req.valid('query');
  const query = toSumQuery(context, input);
  if (!query.ok) return errorResponse(context, query.error);
  const { db, now } = context.get('ports');
  const { tenantId } = context.get('tenant');
  const read = await readMetrics(context, () =>
    queryLatency({ db, tenantId, query: { ...query.value, status: input.status }, now: now() }),
  );
  if (!read.ok) return errorResponse(context, read.error);
  return context.json(toPage(read.value.value, read.value.asOf), 200);
};
