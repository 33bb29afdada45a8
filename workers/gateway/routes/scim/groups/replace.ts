import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { scimGroup, scimGroupInput } from '../../../../../shared/contracts/http/scim/groups.ts';
import { scimProjection } from '../../../../../shared/contracts/http/scim/messages.ts';
import { changeScimGroup } from '../../../../../shared/services/scim/change-scim-group.ts';
import { wholeGroup } from '../../../../../shared/services/scim/read-group-patch.ts';
import type { AppTypes } from '../../../app-context.ts';
import { errorResponse } from '../../../error-response.ts';
import { changeProvisioning, wantedVersion } from '../../../scim/change-provisioning.ts';
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
import { answerGroup } from './answer-group.ts';

export const replaceScimGroupRoute = createRoute({
  method: 'put',
  path: '/v1/scim/v2/Groups/{id}',
  operationId: 'replaceScimGroup',
  tags: ['Provisioning'],
  summary: 'Replace a group',
  description:
    'It has the members of the body and no others. Who comes in gets its role, who leaves loses it unless they have it otherwise.',
  security: SCIM_SECURITY,
  middleware: scimBodyRoute(),
  request: { headers: ifMatch, params: resourceParams, query: scimProjection, body: scimContent(scimGroupInput) },
  responses: {
    200: scimAnswer('The group as it is now.', scimGroup),
    ...scimBodyErrors(CHANGE_ERRORS),
  },
});

export const handleReplaceScimGroup: RouteHandler<typeof replaceScimGroupRoute, AppTypes> = async (context) => {
  const which = { id: context.req.valid('param').id, version: wantedVersion(context) };
  const change = wholeGroup(context.req.valid('json'));
  const changed = await changeProvisioning(context, (by, connection) => changeScimGroup(by, connection, which, change));
  return changed.ok
    ? await answerGroup(context, which.id, context.req.valid('query'))
    : errorResponse(context, changed.error);
};
