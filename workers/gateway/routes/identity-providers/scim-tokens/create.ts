import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { createdScimToken, scimTokenInput } from '../../../../../shared/contracts/http/scim-tokens.ts';
import { createScimToken } from '../../../../../shared/services/scim/create-scim-token.ts';
import type { AppTypes } from '../../../app-context.ts';
import { changeAccess } from '../../../configuration/change-access.ts';
import { errorResponse } from '../../../error-response.ts';
import { ownOrigin } from '../../../identity/is-same-site.ts';
import { SCIM_PATH } from '../../../scim/show-resource.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../../route-config.ts';

export const createScimTokenRoute = createRoute({
  method: 'post',
  path: '/v1/identity-providers/{id}/scim-tokens',
  operationId: 'createScimToken',
  tags: ['Signing in'],
  summary: 'Make a SCIM token',
  description:
    'With it the identity provider makes and ends people, and puts them into groups. Who makes one must have every right that its groups give and that its people have. The answer shows it this once.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: scimTokenInput } } },
  },
  responses: {
    201: jsonAnswer('The token. It works from now on.', createdScimToken),
    ...tenantBodyErrors(['not_found']),
  },
});

export const handleCreateScimToken: RouteHandler<typeof createScimTokenRoute, AppTypes> = async (context) => {
  const { id: providerId } = context.req.valid('param');
  const input = context.req.valid('json');
  const { region } = context.get('tenant').snapshot;
  const created = await changeAccess(context, (by, granter) =>
    createScimToken(by, granter, { region, providerId }, input),
  );
  if (!created.ok) return errorResponse(context, created.error);
  return context.json({ ...created.value, baseUrl: ownOrigin(context) + SCIM_PATH }, 201);
};
