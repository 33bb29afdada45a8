import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { groupRole, provisionedGroup } from '../../../../../shared/contracts/http/provisioned-groups.ts';
import { mapScimGroup } from '../../../../../shared/services/scim/map-scim-group.ts';
import type { AppTypes } from '../../../app-context.ts';
import { changeAccess } from '../../../configuration/change-access.ts';
import { errorResponse } from '../../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../../route-config.ts';

export const mapScimGroupRoute = createRoute({
  method: 'put',
  path: '/v1/identity-providers/{id}/scim-groups/{groupId}',
  operationId: 'mapScimGroup',
  tags: ['Signing in'],
  summary: 'Say which role a group gives',
  description:
    'To everybody who is in it, from now on and for as long as they are. Roles that were given by hand stay. Nobody can give or take rights that they do not have.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid(), groupId: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: groupRole } } },
  },
  responses: {
    200: jsonAnswer('The group as it is now.', provisionedGroup),
    ...tenantBodyErrors(['not_found', 'member_limit_reached', 'last_owner']),
  },
});

export const handleMapScimGroup: RouteHandler<typeof mapScimGroupRoute, AppTypes> = async (context) => {
  const { id: providerId, groupId: id } = context.req.valid('param');
  const { roleId } = context.req.valid('json');
  const mapped = await changeAccess(context, (by, granter) =>
    mapScimGroup(by, granter, { id, providerId }, roleId?.toLowerCase() ?? null),
  );
  return mapped.ok ? context.json(mapped.value, 200) : errorResponse(context, mapped.error);
};
