import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { scimProjection } from '../../../../../shared/contracts/http/scim/messages.ts';
import { scimUser, scimUserInput } from '../../../../../shared/contracts/http/scim/users.ts';
import { createScimUser } from '../../../../../shared/services/scim/create-scim-user.ts';
import type { AppTypes } from '../../../app-context.ts';
import { errorResponse } from '../../../error-response.ts';
import { answerResource } from '../../../scim/answer-scim.ts';
import { changeProvisioning } from '../../../scim/change-provisioning.ts';
import { project } from '../../../scim/project.ts';
import { showUser } from '../../../scim/show-resource.ts';
import {
  CHANGE_ERRORS,
  SCIM_SECURITY,
  scimAnswer,
  scimBodyErrors,
  scimBodyRoute,
  scimContent,
} from '../../scim-config.ts';

export const createScimUserRoute = createRoute({
  method: 'post',
  path: '/v1/scim/v2/Users',
  operationId: 'createScimUser',
  tags: ['Provisioning'],
  summary: 'Make a person',
  description:
    'They are known by `externalId` when they sign in for the first time. Who has signed in under it before becomes this one.',
  security: SCIM_SECURITY,
  middleware: scimBodyRoute(),
  request: { query: scimProjection, body: scimContent(scimUserInput) },
  responses: {
    201: scimAnswer('The person.', scimUser),
    ...scimBodyErrors(CHANGE_ERRORS),
  },
});

export const handleCreateScimUser: RouteHandler<typeof createScimUserRoute, AppTypes> = async (context) => {
  const projection = context.req.valid('query');
  const input = context.req.valid('json');
  const made = await changeProvisioning(context, (by, connection) => createScimUser(by, connection, input));
  if (!made.ok) return errorResponse(context, made.error);
  const user = showUser(context, made.value);
  return answerResource(context, user, project(user, projection), 201);
};
