import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { residencyPolicy, residencyPolicyChange } from '../../../../shared/contracts/http/residency-policies.ts';
import { updateResidencyPolicy } from '../../../../shared/services/update-residency-policy.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateResidencyPolicyRoute = createRoute({
  method: 'patch',
  path: '/v1/residency/policies/{id}',
  operationId: 'updateResidencyPolicy',
  tags: ['Residency'],
  summary: 'Change a residency policy',
  description: 'Fields that the body does not name stay as they are.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: residencyPolicyChange } } },
  },
  responses: {
    200: jsonAnswer('The policy as it is now.', residencyPolicy),
    ...tenantBodyErrors(['not_found']),
  },
});

export const handleUpdateResidencyPolicy: RouteHandler<typeof updateResidencyPolicyRoute, AppTypes> = async (
  context,
) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await applyChange(context, (by) => updateResidencyPolicy(by, id, change));
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};
