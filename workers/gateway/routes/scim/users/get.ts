import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { scimProjection } from '../../../../../shared/contracts/http/scim/messages.ts';
import { scimUser } from '../../../../../shared/contracts/http/scim/users.ts';
import { getScimUser } from '../../../../../shared/services/scim/list-scim-users.ts';
import type { AppTypes } from '../../../app-context.ts';
import { readRecord } from '../../../configuration/read-record.ts';
import { errorResponse } from '../../../error-response.ts';
import { answerResource } from '../../../scim/answer-scim.ts';
import { NO_RESOURCE } from '../../../scim/change-provisioning.ts';
import { project } from '../../../scim/project.ts';
import { showUser } from '../../../scim/show-resource.ts';
import { resourceParams, SCIM_SECURITY, scimAnswer, scimErrors, scimRoute } from '../../scim-config.ts';

export const getScimUserRoute = createRoute({
  method: 'get',
  path: '/v1/scim/v2/Users/{id}',
  operationId: 'getScimUser',
  tags: ['Provisioning'],
  summary: 'Get a person',
  description: 'Also one who is not active.',
  security: SCIM_SECURITY,
  middleware: scimRoute(),
  request: { params: resourceParams, query: scimProjection },
  responses: {
    200: scimAnswer('The person.', scimUser),
    ...scimErrors(['not_found']),
  },
});

export const handleGetScimUser: RouteHandler<typeof getScimUserRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const projection = context.req.valid('query');
  const { db } = context.get('ports');
  const read = await readRecord(context, () => getScimUser(db, context.get('scim'), id));
  if (!read.ok) return errorResponse(context, read.error);
  if (!read.value) return errorResponse(context, NO_RESOURCE);
  const user = showUser(context, read.value);
  return answerResource(context, user, project(user, projection));
};
