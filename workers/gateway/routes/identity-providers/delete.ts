import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { deleteIdentityProvider } from '../../../../shared/services/delete-identity-provider.ts';
import type { AppTypes } from '../../app-context.ts';
import { changeAccess } from '../../configuration/change-access.ts';
import { errorResponse } from '../../error-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const deleteIdentityProviderRoute = createRoute({
  method: 'delete',
  path: '/v1/identity-providers/{id}',
  operationId: 'deleteIdentityProvider',
  tags: ['Signing in'],
  summary: 'Remove an identity provider of the tenant’s own',
  description:
    'Its sessions and tokens are refused within five seconds. The people whom it brought stay members, and can no longer sign in: so it takes every right that they have.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    204: { description: 'It is gone.' },
    ...tenantErrors(['not_found', 'last_owner']),
  },
});

export const handleDeleteIdentityProvider: RouteHandler<typeof deleteIdentityProviderRoute, AppTypes> = async (
  context,
) => {
  const { id } = context.req.valid('param');
  const deleted = await changeAccess(context, (by, granter) => deleteIdentityProvider(by, granter, id));
  return deleted.ok ? context.body(null, 204) : errorResponse(context, deleted.error);
};
