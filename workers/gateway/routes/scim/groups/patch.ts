import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { scimGroup } from '../../../../../shared/contracts/http/scim/groups.ts';
import { scimPatch, scimProjection } from '../../../../../shared/contracts/http/scim/messages.ts';
import { changeScimGroup } from '../../../../../shared/services/scim/change-scim-group.ts';
import { readGroupPatch } from '../../../../../shared/services/scim/read-group-patch.ts';
import type { AppTypes } from '../../../app-context.ts';
import { errorResponse } from '../../../error-response.ts';
import { changeProvisioning, scimRefused, wantedVersion } from '../../../scim/change-provisioning.ts';
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

export const patchScimGroupRoute = createRoute({
  method: 'patch',
  path: '/v1/scim/v2/Groups/{id}',
  operationId: 'patchScimGroup',
  tags: ['Provisioning'],
  summary: 'Change a group',
  description:
    'All of the operations or none (RFC 7644, section 3.5.2). Who comes in gets its role, who leaves loses it unless they have it otherwise.',
  security: SCIM_SECURITY,
  middleware: scimBodyRoute(),
  request: { headers: ifMatch, params: resourceParams, query: scimProjection, body: scimContent(scimPatch) },
  responses: {
    200: scimAnswer('The group as it is now.', scimGroup),
    ...scimBodyErrors(CHANGE_ERRORS),
  },
});

export const handlePatchScimGroup: RouteHandler<typeof patchScimGroupRoute, AppTypes> = async (context) => {
  const which = { id: context.req.valid('param').id, version: wantedVersion(context) };
  const read = readGroupPatch(context.req.valid('json').Operations);
  if (!read.ok) return errorResponse(context, scimRefused(read.error));
  const change = read.value;
  const changed = await changeProvisioning(context, (by, connection) => changeScimGroup(by, connection, which, change));
  return changed.ok
    ? await answerGroup(context, which.id, context.req.valid('query'))
    : errorResponse(context, changed.error);
};
