import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { scimPatch, scimProjection } from '../../../../../shared/contracts/http/scim/messages.ts';
import { scimUser } from '../../../../../shared/contracts/http/scim/users.ts';
import { patchScimUser } from '../../../../../shared/services/scim/patch-scim-user.ts';
import type { AppTypes } from '../../../app-context.ts';
import { errorResponse } from '../../../error-response.ts';
import { answerResource } from '../../../scim/answer-scim.ts';
import { changeProvisioning, wantedVersion } from '../../../scim/change-provisioning.ts';
import { project } from '../../../scim/project.ts';
import { showUser } from '../../../scim/show-resource.ts';
import {
  CHANGE_ERRORS,
  ifMatch,
  resourceParams,
  SCIM_SECURITY,
  scimAnswer,
  scimBodyErrors,
  scimBodyRoute,
  scimContent,
} from '../../scim-config.ts';

export const patchScimUserRoute = createRoute({
  method: 'patch',
  path: '/v1/scim/v2/Users/{id}',
  operationId: 'patchScimUser',
  tags: ['Provisioning'],
  summary: 'Change a person',
  description:
    'All of the operations or none (RFC 7644, section 3.5.2). Attributes that are not kept here are ignored.',
  security: SCIM_SECURITY,
  middleware: scimBodyRoute(),
  request: { headers: ifMatch, params: resourceParams, query: scimProjection, body: scimContent(scimPatch) },
  responses: {
    200: scimAnswer('The person as they are now.', scimUser),
    ...scimBodyErrors(CHANGE_ERRORS),
  },
});

export const handlePatchScimUser: RouteHandler<typeof patchScimUserRoute, AppTypes> = async (context) => {
  const which = { id: context.req.valid('param').id, version: wantedVersion(context) };
  const projection = context.req.valid('query');
  const { Operations } = context.req.valid('json');
  const changed = await changeProvisioning(context, (by, connection) =>
    patchScimUser(by, connection, which, Operations),
  );
  if (!changed.ok) return errorResponse(context, changed.error);
  const user = showUser(context, changed.value);
  return answerResource(context, user, project(user, projection));
};
