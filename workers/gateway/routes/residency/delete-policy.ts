import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteResidencyPolicy } from '../../../../shared/services/delete-residency-policy.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteResidencyPolicyRoute = createRoute({
  method: 'delete',
  path: '/v1/residency/policies/{id}',
  operationId: 'deleteResidencyPolicy',
  tags: ['Residency'],
  summary: 'Remove a residency policy',
  description: 'It keeps nothing back any more.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('policies:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleDeleteResidencyPolicy: RouteHandler<typeof deleteResidencyPolicyRoute, AppTypes> = async (
  context,
) => {
  const { id } = context.req.valid('param');
  const deleted = await applyChange(context, (by) => deleteResidencyPolicy(by, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};
