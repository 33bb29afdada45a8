import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteRole } from '../../../../shared/services/change-role.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeAccess } from '../../configuration/change-access.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteRoleRoute = createRoute({
  method: 'delete',
  path: '/v1/roles/{id}',
  operationId: 'deleteRole',
  tags: ['Access'],
  summary: 'Remove a role of your own',
  description: 'Members lose it. Who has no other role is no member any more.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleDeleteRole: RouteHandler<typeof deleteRoleRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const deleted = await changeAccess(context, (by, granter) => deleteRole(by, granter, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};
