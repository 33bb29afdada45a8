import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { schemaDescription } from '../../../../shared/contracts/http/scim/discovery.ts';
import { scimListOf } from '../../../../shared/contracts/http/scim/messages.ts';
import type { AppTypes } from '../../app-context.ts';
import { ownOrigin } from '../../identity/is-same-site.ts';
import { answerList } from '../../scim/answer-scim.ts';
import { SCHEMAS } from '../../scim/describe-schemas.ts';
import { SCIM_PATH } from '../../scim/show-resource.ts';
import { SCIM_SECURITY, scimAnswer, scimErrors, scimRoute } from '../scim-config.ts';

export const listScimSchemasRoute = createRoute({
  method: 'get',
  path: '/v1/scim/v2/Schemas',
  operationId: 'listScimSchemas',
  tags: ['Provisioning'],
  summary: 'What resources are made of',
  description: 'RFC 7643, section 7. Attributes that are not here are ignored.',
  security: SCIM_SECURITY,
  middleware: scimRoute(),
  responses: {
    200: scimAnswer('The schemas.', scimListOf(schemaDescription)),
    ...scimErrors(),
  },
});

export const handleListScimSchemas: RouteHandler<typeof listScimSchemasRoute, AppTypes> = (context) => {
  const base = `${ownOrigin(context)}${SCIM_PATH}`;
  const described = SCHEMAS.map((schema) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    ...schema,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  }));
  return answerList(context, described, described.length);
};
