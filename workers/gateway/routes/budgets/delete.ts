import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteBudget } from '../../../../shared/services/delete-budget.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteBudgetRoute = createRoute({
  method: 'delete',
  path: '/v1/budgets/{id}',
  operationId: 'deleteBudget',
  tags: ['Limits'],
  summary: 'Remove a budget',
  description: 'It refuses nothing any more.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleDeleteBudget: RouteHandler<typeof deleteBudgetRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const deleted = await applyChange(context, (by) => deleteBudget(by, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};
