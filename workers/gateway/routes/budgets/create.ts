import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { budget, budgetInput } from '../../../../shared/contracts/http/budgets.ts';
import { createBudget } from '../../../../shared/services/create-budget.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createBudgetRoute = createRoute({
  method: 'post',
  path: '/v1/budgets',
  operationId: 'createBudget',
  tags: ['Limits'],
  summary: 'Set a budget',
  description:
    'A cap on what requests may cost, or, without `hardStop`, an alert. A request falls under every budget whose scope it matches.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: budgetInput } } },
  },
  responses: {
    201: jsonAnswer('The budget. It holds from now on.', budget),
    ...tenantBodyErrors(['already_exists']),
  },
});

export const handleCreateBudget: RouteHandler<typeof createBudgetRoute, AppTypes> = async (context) => {
  const input = context.req.valid('json');
  const created = await applyChange(context, (by) => createBudget(by, input), '/scope');
  return created.ok ? context.json(created.value, 201) : errorResponse(context, created.error);
};
