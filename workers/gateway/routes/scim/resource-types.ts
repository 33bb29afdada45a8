import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { resourceType } from '../../../../shared/contracts/http/scim/discovery.ts';
import { scimListOf } from '../../../../shared/contracts/http/scim/messages.ts';
import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../../../../shared/contracts/http/scim/schemas.ts';
import type { AppTypes } from '../../app-context.ts';
import { ownOrigin } from '../../identity/is-same-site.ts';
import { answerList } from '../../scim/answer-scim.ts';

import { SCIM_PATH } from '../../scim/show-resource.ts';
import { SCIM_SECURITY, scimAnswer, scimErrors, scimRoute } from '../scim-config.ts';

export const listScimResourceTypesRoute = createRoute({
  method: 'get',
  path: '/v1/scim/v2/ResourceTypes',
  operationId: 'listScimResourceTypes',
  tags: ['Provisioning'],
  summary: 'What kinds of resources there are',
  description: 'RFC 7643, section 6.',
  security: SCIM_SECURITY,
  middleware: scimRoute(),
  responses: {
    200: scimAnswer('People and groups.', scimListOf(resourceType)),
    ...scimErrors(),
  },
});

export const handleListScimResourceTypes: RouteHandler<typeof listScimResourceTypesRoute, AppTypes> = (context) => {
  const base = `${ownOrigin(context)}${SCIM_PATH}`;
  const kind = (name: string, description: string, schema: string, extensions: readonly string[] = []) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    ...{ id: name, name, endpoint: `/${name}s`, description, schema },
    schemaExtensions: extensions.map((schema) => ({ schema, required: false })),
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  });
  const kinds = [
    kind('User', 'A person', USER_SCHEMA, [ENTERPRISE_SCHEMA]),
    kind('Group', 'A group of people', GROUP_SCHEMA),
  ];
  return answerList(context, kinds, kinds.length);
};
