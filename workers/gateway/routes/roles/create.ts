import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { role, roleInput } from '../../../../shared/contracts/http/roles.ts';
import { createRole } from '../../../../shared/services/change-role.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeAccess } from '../../configuration/change-access.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createRoleRoute = createRoute({
  method: 'post',
  path: '/v1/roles',
  operationId: 'createRole',
  tags: ['Access'],
  summary: 'Make a role of your own',
  description: 'It permits nothing that you may not do yourself.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: roleInput } } },
  },
  responses: {
    201: jsonAnswer('The role.', role),
    ...tenantBodyErrors(['not_found', 'already_exists']),
  },
});

export const handleCreateRole: RouteHandler<typeof createRoleRoute, AppTypes> = async (context) => {
  const input = context.req.valid('json');
  const created = await changeAccess(context, (by, granter) => createRole(by, granter, input));
  return created.ok ? context.json(created.value, 201) : errorResponse(context, created.error);
};
