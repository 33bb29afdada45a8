import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { limitList, limitQuery } from '../../../../shared/contracts/http/limits.ts';
import { listLimits } from '../../../../shared/services/list-limits.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listLimitsRoute = createRoute({
  method: 'get',
  path: '/v1/limits',
  operationId: 'listLimits',
  tags: ['Limits'],
  summary: 'List every limit as it stands',
  description:
    'Budgets, rate limits and the plan’s quota, each with what is spent, held, leased and left of it: the counters that requests are admitted by, not a copy. `spent` may be some tens of milliseconds behind requests that have only just ended, which count as `held` or `leased` until then.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:read'),
  request: { headers: tenantHeaders, query: limitQuery },
  responses: {
    200: jsonAnswer('A page of limits.', limitList),
    ...tenantErrors(),
  },
});

export const handleListLimits: RouteHandler<typeof listLimitsRoute, AppTypes> = async (context) => {
  const query = context.req.valid('query');
  const gate = context.get('ports').gate(context.get('tenant').tenantId);
  const listed = await readRecord(context, () => listLimits({ gate, query }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};
