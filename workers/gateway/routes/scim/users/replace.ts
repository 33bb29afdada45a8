import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { scimProjection } from '../../../../../shared/contracts/http/scim/messages.ts';
import { scimUser, scimUserInput } from '../../../../../shared/contracts/http/scim/users.ts';
import { replaceScimUser } from '../../../../../shared/services/scim/replace-scim-user.ts';
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

export const replaceScimUserRoute = createRoute({
  method: 'put',
  path: '/v1/scim/v2/Users/{id}',
  operationId: 'replaceScimUser',
  tags: ['Provisioning'],
  summary: 'Replace a person',
  description:
    'What the body does not name is gone, but for `active`, which stays. `active: false` refuses them everywhere and ends their sessions.',
  security: SCIM_SECURITY,
  middleware: scimBodyRoute(),
  request: { headers: ifMatch, params: resourceParams, query: scimProjection, body: scimContent(scimUserInput) },
  responses: {
    200: scimAnswer('The person as they are now.', scimUser),
    ...scimBodyErrors(CHANGE_ERRORS),
  },
});

export const handleReplaceScimUser: RouteHandler<typeof replaceScimUserRoute, AppTypes> = async (context) => {
  const which = { id: context.req.valid('param').id, version: wantedVersion(context) };
  const projection = context.req.valid('query');
  const input = context.req.valid('json');
  const changed = await changeProvisioning(context, (by, connection) => replaceScimUser(by, connection, which, input));
  if (!changed.ok) return errorResponse(context, changed.error);
  const user = showUser(context, changed.value);
  return answerResource(context, user, project(user, projection));
};
