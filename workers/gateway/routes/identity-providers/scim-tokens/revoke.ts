import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { revokeScimToken } from '../../../../../shared/services/scim/revoke-scim-token.ts';
import type { AppTypes } from '../../../app-context.ts';
import { changeAccess } from '../../../configuration/change-access.ts';
import { errorResponse } from '../../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../../route-config.ts';

export const revokeScimTokenRoute = createRoute({
  method: 'delete',
  path: '/v1/identity-providers/{id}/scim-tokens/{tokenId}',
  operationId: 'revokeScimToken',
  tags: ['Signing in'],
  summary: 'Revoke a SCIM token',
  description:
    'It is refused from the next request on. It stays in the list, as revoked; people and groups stay as they are.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid(), tokenId: z.uuid() }) },
  responses: {
    204: { description: 'It is revoked.' },
    ...tenantErrors(['not_found']),
  },
});

export const handleRevokeScimToken: RouteHandler<typeof revokeScimTokenRoute, AppTypes> = async (context) => {
  const { id: providerId, tokenId: id } = context.req.valid('param');
  const revoked = await changeAccess(context, (by) => revokeScimToken(by, { id, providerId }));
  return revoked.ok ? context.body(null, 204) : errorResponse(context, revoked.error);
};
