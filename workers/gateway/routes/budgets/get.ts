import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { budgetDetail } from '../../../../shared/contracts/http/budgets.ts';
import { getBudget } from '../../../../shared/services/get-budget.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getBudgetRoute = createRoute({
  method: 'get',
  path: '/v1/budgets/{id}',
  operationId: 'getBudget',
  tags: ['Limits'],
  summary: 'Get a budget',
  description: 'With the thresholds that it reached.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:read'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The budget.', budgetDetail),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetBudget: RouteHandler<typeof getBudgetRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getBudget({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};
