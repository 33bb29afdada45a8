import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { serviceProviderConfig } from '../../../../shared/contracts/http/scim/discovery.ts';
import { PAGE_MAX } from '../../../../shared/contracts/http/scim/messages.ts';
import type { AppTypes } from '../../app-context.ts';
import { ownOrigin } from '../../identity/is-same-site.ts';
import { answerScim } from '../../scim/answer-scim.ts';

import { SCIM_PATH } from '../../scim/show-resource.ts';
import { SCIM_SECURITY, scimAnswer, scimErrors, scimRoute } from '../scim-config.ts';

export const getScimServiceProviderConfigRoute = createRoute({
  method: 'get',
  path: '/v1/scim/v2/ServiceProviderConfig',
  operationId: 'getScimServiceProviderConfig',
  tags: ['Provisioning'],
  summary: 'What of SCIM is offered',
  description: 'RFC 7643, section 5.',
  security: SCIM_SECURITY,
  middleware: scimRoute(),
  responses: {
    200: scimAnswer('The configuration.', serviceProviderConfig),
    ...scimErrors(),
  },
});

export const handleGetScimServiceProviderConfig: RouteHandler<typeof getScimServiceProviderConfigRoute, AppTypes> = (
  context,
) => {
  const base = `${ownOrigin(context)}${SCIM_PATH}`;
  return answerScim(context, {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    documentationUri: `${ownOrigin(context)}/docs`,
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: PAGE_MAX },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [
      { type: 'oauthbearertoken', name: 'Bearer token', description: 'A SCIM token of the connection.', primary: true },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  });
};
