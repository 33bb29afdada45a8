import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { tenant, tenantParams } from '../../../../shared/contracts/http/tenants.ts';
import { moveTenant } from '../../../../shared/services/change-tenant.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeOwnTenant } from '../../configuration/change-own-tenant.ts';
import { errorResponse } from '../../error-response.ts';
import { memberRoute } from '../member-route.ts';
import { jsonAnswer, PERSON_SECURITY, personErrors } from '../route-config.ts';

export const deleteTenantRoute = createRoute({
  method: 'delete',
  path: '/v1/tenants/{id}',
  operationId: 'deleteTenant',
  tags: ['Tenants'],
  summary: 'Delete a tenant',
  description:
    'It is refused everywhere within seconds. After thirty days all that is its own is erased, sealed credentials with their keys; until then it can be restored.',
  security: PERSON_SECURITY,
  middleware: memberRoute('tenants:write'),
  request: { params: tenantParams },
  responses: {
    200: jsonAnswer('The tenant as it is now.', tenant),
    ...personErrors(['not_found', 'conflict']),
  },
});

export const handleDeleteTenant: RouteHandler<typeof deleteTenantRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const moved = await changeOwnTenant(context, id, (by) => moveTenant(by, 'deleted'));
  return moved.ok ? context.json(moved.value, 200) : errorResponse(context, moved.error);
};
