import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { scimGroup, scimGroupInput } from '../../../../../shared/contracts/http/scim/groups.ts';
import { scimProjection } from '../../../../../shared/contracts/http/scim/messages.ts';
import { createScimGroup } from '../../../../../shared/services/scim/change-scim-group.ts';
import { wholeGroup } from '../../../../../shared/services/scim/read-group-patch.ts';
import type { AppTypes } from '../../../app-context.ts';
import { errorResponse } from '../../../error-response.ts';
import { changeProvisioning } from '../../../scim/change-provisioning.ts';
import {
  CHANGE_ERRORS,
  SCIM_SECURITY,
  scimAnswer,
  scimBodyErrors,
  scimBodyRoute,
  scimContent,
} from '../../scim-config.ts';
import { answerGroup } from './answer-group.ts';

export const createScimGroupRoute = createRoute({
  method: 'post',
  path: '/v1/scim/v2/Groups',
  operationId: 'createScimGroup',
  tags: ['Provisioning'],
  summary: 'Make a group',
  description: 'It gives no role until an administrator says which.',
  security: SCIM_SECURITY,
  middleware: scimBodyRoute(),
  request: { query: scimProjection, body: scimContent(scimGroupInput) },
  responses: {
    201: scimAnswer('The group.', scimGroup),
    ...scimBodyErrors(CHANGE_ERRORS),
  },
});

export const handleCreateScimGroup: RouteHandler<typeof createScimGroupRoute, AppTypes> = async (context) => {
  const projection = context.req.valid('query');
  const group = wholeGroup(context.req.valid('json'));
  const made = await changeProvisioning(context, (by, connection) => createScimGroup(by, connection, group));
  return made.ok ? await answerGroup(context, made.value, projection, 201) : errorResponse(context, made.error);
};
