import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { member, memberChange, memberParams } from '../../../../shared/contracts/http/members.ts';
import { changeMemberRoles } from '../../../../shared/services/change-member-roles.ts';
import { getMember } from '../../../../shared/services/get-member.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { changeAccess } from '../../configuration/change-access.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateMemberRoute = createRoute({
  method: 'patch',
  path: '/v1/members/{userId}',
  operationId: 'updateMember',
  tags: ['Access'],
  summary: 'Change a member’s roles',
  description: 'It holds from their next request on. The last owner stays one.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    params: memberParams,
    body: { required: true, content: { 'application/json': { schema: memberChange } } },
  },
  responses: {
    200: jsonAnswer('The member as they are now.', member),
    ...tenantBodyErrors(['not_found', 'last_owner']),
  },
});

export const handleUpdateMember: RouteHandler<typeof updateMemberRoute, AppTypes> = async (context) => {
  const { userId } = context.req.valid('param');
  const { roleIds } = context.req.valid('json');
  const changed = await changeAccess(context, (by, granter) => changeMemberRoles(by, granter, userId, roleIds));
  if (!changed.ok) return errorResponse(context, changed.error);
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getMember({ db, tenantId, userId }));
  if (!found.ok) return errorResponse(context, found.error);
  return found.value ? context.json(found.value, 200) : errorResponse(context, NOT_FOUND);
};
