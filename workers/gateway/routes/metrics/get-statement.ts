import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { statement, statementQuery } from '../../../../shared/contracts/http/statements.ts';
import { queryStatement } from '../../../../shared/services/query-statement.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';
import { readMetrics, zoneOf } from './read-metrics.ts';

export const getStatementRoute = createRoute({
  method: 'get',
  path: '/v1/metrics/statement',
  operationId: 'getStatement',
  tags: ['Metrics'],
  summary: 'What a month cost',
  description: 'One line for each environment, provider and model: what it cost exactly, and in cents.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('usage:read'),
  request: { headers: tenantHeaders, query: statementQuery },
  responses: {
    200: jsonAnswer('The month’s statement.', statement),
    ...tenantErrors(),
  },
});

export const handleGetStatement: RouteHandler<typeof getStatementRoute, AppTypes> = async (context) => {
  const { month, timeZone } = context.req.valid('query');
  const { db, now } = context.get('ports');
  const { tenantId } = context.get('tenant');
  const read = await readMetrics(context, () =>
    queryStatement({ db, tenantId, month, timeZone: zoneOf(context, timeZone), now: now() }),
  );
  if (!read.ok) return errorResponse(context, read.error);
  const { value, asOf } = read.value;
  return context.json({ ...value, isFinal: asOf !== null && asOf >= value.periodEnd, asOf }, 200);
};
