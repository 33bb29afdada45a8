import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { pageOfQuery, scimListOf, scimListQuery } from '../../../../../shared/contracts/http/scim/messages.ts';
import { scimUser } from '../../../../../shared/contracts/http/scim/users.ts';
import { listScimUsers } from '../../../../../shared/services/scim/list-scim-users.ts';
import type { AppTypes } from '../../../app-context.ts';
import { readRecord } from '../../../configuration/read-record.ts';
import { errorResponse } from '../../../error-response.ts';
import { answerList } from '../../../scim/answer-scim.ts';
import { scimRefused } from '../../../scim/change-provisioning.ts';
import { project } from '../../../scim/project.ts';
import { showUser } from '../../../scim/show-resource.ts';
import { SCIM_SECURITY, scimAnswer, scimErrors, scimRoute } from '../../scim-config.ts';

export const listScimUsersRoute = createRoute({
  method: 'get',
  path: '/v1/scim/v2/Users',
  operationId: 'listScimUsers',
  tags: ['Provisioning'],
  summary: 'Find people',
  description: 'Those whom this connection has made, by a filter of RFC 7644, section 3.4.2.2.',
  security: SCIM_SECURITY,
  middleware: scimRoute(),
  request: { query: scimListQuery },
  responses: {
    200: scimAnswer('A page of people.', scimListOf(scimUser)),
    ...scimErrors(),
  },
});

export const handleListScimUsers: RouteHandler<typeof listScimUsersRoute, AppTypes> = async (context) => {
  const query = context.req.valid('query');
  const { db } = context.get('ports');
  const page = { filter: query.filter, ...pageOfQuery(query) };
  const listed = await readRecord(context, () => listScimUsers(db, context.get('scim'), page));
  if (!listed.ok) return errorResponse(context, listed.error);
  if (!listed.value.ok) return errorResponse(context, scimRefused(listed.value.error));
  const { items, total } = listed.value.value;
  const shown = items.map((record) => project(showUser(context, record), query));
  return answerList(context, shown, total, page.offset);
};
