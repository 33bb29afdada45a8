import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { residencyPolicy, residencyPolicyInput } from '../../../../shared/contracts/http/residency-policies.ts';
import { createResidencyPolicy } from '../../../../shared/services/create-residency-policy.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createResidencyPolicyRoute = createRoute({
  method: 'post',
  path: '/v1/residency/policies',
  operationId: 'createResidencyPolicy',
  tags: ['Residency'],
  summary: 'Say where content may go',
  description:
    'From then on the content of requests goes to endpoints of the region alone, guaranteed as strongly as the policy asks, whatever requests prefer and routing policies say; what cannot is refused. See `docs/residency.md`.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('policies:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: residencyPolicyInput } } },
  },
  responses: {
    201: jsonAnswer('The policy. It holds from now on.', residencyPolicy),
    ...tenantBodyErrors(['already_exists']),
  },
});

export const handleCreateResidencyPolicy: RouteHandler<typeof createResidencyPolicyRoute, AppTypes> = async (
  context,
) => {
  const input = context.req.valid('json');
  const created = await applyChange(context, (by) => createResidencyPolicy(by, input));
  return created.ok ? context.json(created.value, 201) : errorResponse(context, created.error);
};
