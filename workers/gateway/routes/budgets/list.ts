import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { budgetList } from '../../../../shared/contracts/http/budgets.ts';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { listBudgets } from '../../../../shared/services/list-budgets.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listBudgetsRoute = createRoute({
  method: 'get',
  path: '/v1/budgets',
  operationId: 'listBudgets',
  tags: ['Limits'],
  summary: 'List the tenant’s budgets',
  description: 'What each of them has left: `GET /v1/limits`.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:read'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of budgets.', budgetList),
    ...tenantErrors(),
  },
});

export const handleListBudgets: RouteHandler<typeof listBudgetsRoute, AppTypes> = async (context) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listBudgets({ db, tenantId, page }));
  return listed.ok ? context.json(listed.value, 200) : errorResponse(context, listed.error);
};
