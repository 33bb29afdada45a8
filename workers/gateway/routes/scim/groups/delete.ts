import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { deleteScimGroup } from '../../../../../shared/services/scim/change-scim-group.ts';
import type { AppTypes } from '../../../app-context.ts';
import { errorResponse } from '../../../error-response.ts';
import { changeProvisioning, wantedVersion } from '../../../scim/change-provisioning.ts';
import { ifMatch, resourceParams, SCIM_SECURITY, scimErrors, scimRoute } from '../../scim-config.ts';

export const deleteScimGroupRoute = createRoute({
  method: 'delete',
  path: '/v1/scim/v2/Groups/{id}',
  operationId: 'deleteScimGroup',
  tags: ['Provisioning'],
  summary: 'Remove a group',
  description: 'Who was in it loses its role, unless they have it otherwise.',
  security: SCIM_SECURITY,
  middleware: scimRoute(),
  request: { headers: ifMatch, params: resourceParams },
  responses: {
    204: { description: 'It is gone.' },
    ...scimErrors(['not_found', 'precondition_failed', 'last_owner']),
  },
});

export const handleDeleteScimGroup: RouteHandler<typeof deleteScimGroupRoute, AppTypes> = async (context) => {
  const which = { id: context.req.valid('param').id, version: wantedVersion(context) };
  const deleted = await changeProvisioning(context, (by, connection) => deleteScimGroup(by, connection, which));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};
