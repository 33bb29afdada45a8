import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { deleteScimUser } from '../../../../../shared/services/scim/delete-scim-user.ts';
import type { AppTypes } from '../../../app-context.ts';
import { errorResponse } from '../../../error-response.ts';
import { changeProvisioning, wantedVersion } from '../../../scim/change-provisioning.ts';
import { ifMatch, resourceParams, SCIM_SECURITY, scimErrors, scimRoute } from '../../scim-config.ts';

export const deleteScimUserRoute = createRoute({
  method: 'delete',
  path: '/v1/scim/v2/Users/{id}',
  operationId: 'deleteScimUser',
  tags: ['Provisioning'],
  summary: 'End a person',
  description: 'Their sessions, groups and roles end with them. What they made stays.',
  security: SCIM_SECURITY,
  middleware: scimRoute(),
  request: { headers: ifMatch, params: resourceParams },
  responses: {
    204: { description: 'It is gone.' },
    ...scimErrors(['not_found', 'precondition_failed', 'last_owner']),
  },
});

export const handleDeleteScimUser: RouteHandler<typeof deleteScimUserRoute, AppTypes> = async (context) => {
  const which = { id: context.req.valid('param').id, version: wantedVersion(context) };
  const deleted = await changeProvisioning(context, (by, connection) => deleteScimUser(by, connection, which));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};
