import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { errorsList, errorsQuery } from '../../../../shared/contracts/http/error-metrics.ts';
import { queryErrors } from '../../../../shared/services/query-errors.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { readMetrics, toPage, toSumQuery } from './read-metrics.ts';

export const getErrorsRoute = createRoute({
  method: 'get',
  path: '/v1/metrics/errors',
  operationId: 'getErrors',
  tags: ['Metrics'],
  summary: 'How many requests failed',
  description:
    'By provider and model, with the error codes that they ended with. The range’s edges count whole periods, without `granularity` whole hours.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('usage:read'),
  request: { headers: tenantHeaders, query: errorsQuery },
  responses: {
    200: jsonAnswer('Failures, oldest first.', errorsList),
    ...tenantErrors(),
  },
});

export const handleGetErrors: RouteHandler<typeof getErrorsRoute, AppTypes> = async (context) => {
  const input = context.req.valid('query');
  const query = toSumQuery(context, input);
  if (!query.ok) return errorResponse(context, query.error);
  const { db, now } = context.get('ports');
  const { tenantId } = context.get('tenant');
  const read = await readMetrics(context, () => queryErrors({ db, tenantId, query: query.value, now: now() }));
  if (!read.ok) return errorResponse(context, read.error);
  return context.json(toPage(read.value.value, read.value.asOf), 200);
};
