import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { memberParams } from '../../../../shared/contracts/http/members.ts';
import { removeMember } from '../../../../shared/services/change-member-roles.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeAccess } from '../../configuration/change-access.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const removeMemberRoute = createRoute({
  method: 'delete',
  path: '/v1/members/{userId}',
  operationId: 'removeMember',
  tags: ['Access'],
  summary: 'Remove a member',
  description: 'They are refused from their next request on; API keys that they made stay. The last owner cannot go.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, params: memberParams },
  responses: {
    204: { description: 'They are no member.' },
    ...tenantErrors(['not_found', 'last_owner']),
  },
});

export const handleRemoveMember: RouteHandler<typeof removeMemberRoute, AppTypes> = async (context) => {
  const { userId } = context.req.valid('param');
  const removed = await changeAccess(context, (by, granter) => removeMember(by, granter, userId));
  return removed.ok ? context.body(null, 204) : errorResponse(context, removed.error);
};
