import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { budget, budgetChange } from '../../../../shared/contracts/http/budgets.ts';
import { updateBudget } from '../../../../shared/services/update-budget.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateBudgetRoute = createRoute({
  method: 'patch',
  path: '/v1/budgets/{id}',
  operationId: 'updateBudget',
  tags: ['Limits'],
  summary: 'Change a budget',
  description: 'Fields that the body does not name stay as they are. What was counted stays counted.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: budgetChange } } },
  },
  responses: {
    200: jsonAnswer('The budget as it is now.', budget),
    ...tenantBodyErrors(['not_found', 'already_exists']),
  },
});

export const handleUpdateBudget: RouteHandler<typeof updateBudgetRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await applyChange(context, (by) => updateBudget(by, id, change), '/scope');
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};
