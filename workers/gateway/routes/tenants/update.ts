import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { tenant, tenantChange, tenantParams } from '../../../../shared/contracts/http/tenants.ts';
import { updateTenant } from '../../../../shared/services/change-tenant.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeOwnTenant } from '../../configuration/change-own-tenant.ts';
import { errorResponse } from '../../error-response.ts';
import { memberBodyRoute } from '../member-route.ts';
import { jsonAnswer, PERSON_SECURITY, personBodyErrors } from '../route-config.ts';

export const updateTenantRoute = createRoute({
  method: 'patch',
  path: '/v1/tenants/{id}',
  operationId: 'updateTenant',
  tags: ['Tenants'],
  summary: 'Change a tenant',
  description: 'Its name or its time zone; the slug stays.',
  security: PERSON_SECURITY,
  middleware: memberBodyRoute('tenants:write'),
  request: {
    params: tenantParams,
    body: { required: true, content: { 'application/json': { schema: tenantChange } } },
  },
  responses: {
    200: jsonAnswer('The tenant as it is now.', tenant),
    ...personBodyErrors(['not_found', 'conflict']),
  },
});

export const handleUpdateTenant: RouteHandler<typeof updateTenantRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await changeOwnTenant(context, id, (by) => updateTenant(by, change));
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};
