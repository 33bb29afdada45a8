import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { scimGroup } from '../../../../../shared/contracts/http/scim/groups.ts';
import { scimProjection } from '../../../../../shared/contracts/http/scim/messages.ts';
import type { AppTypes } from '../../../app-context.ts';
import { resourceParams, SCIM_SECURITY, scimAnswer, scimErrors, scimRoute } from '../../scim-config.ts';
import { answerGroup } from './answer-group.ts';

export const getScimGroupRoute = createRoute({
  method: 'get',
  path: '/v1/scim/v2/Groups/{id}',
  operationId: 'getScimGroup',
  tags: ['Provisioning'],
  summary: 'Get a group',
  description: 'With its members, unless `excludedAttributes` names them.',
  security: SCIM_SECURITY,
  middleware: scimRoute(),
  request: { params: resourceParams, query: scimProjection },
  responses: {
    200: scimAnswer('The group.', scimGroup),
    ...scimErrors(['not_found']),
  },
});

export const handleGetScimGroup: RouteHandler<typeof getScimGroupRoute, AppTypes> = (context) =>
  answerGroup(context, context.req.valid('param').id, context.req.valid('query'));
