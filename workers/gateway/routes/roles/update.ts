import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { role, roleChange } from '../../../../shared/contracts/http/roles.ts';
import { updateRole } from '../../../../shared/services/change-role.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeAccess } from '../../configuration/change-access.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateRoleRoute = createRoute({
  method: 'patch',
  path: '/v1/roles/{id}',
  operationId: 'updateRole',
  tags: ['Access'],
  summary: 'Change a role of your own',
  description: 'Members who have it are bound by it from their next request on. Built-in roles do not change.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: roleChange } } },
  },
  responses: {
    200: jsonAnswer('The role as it is now.', role),
    ...tenantBodyErrors(['not_found', 'already_exists']),
  },
});

export const handleUpdateRole: RouteHandler<typeof updateRoleRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await changeAccess(context, (by, granter) => updateRole(by, granter, id, change));
  return updated.ok ? context.json(updated.value, 200) : errorResponse(context, updated.error);
};
