import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { identityProvider, identityProviderChange } from '../../../../shared/contracts/http/identity-providers.ts';
import { updateIdentityProvider } from '../../../../shared/services/update-identity-provider.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { providerMaker, showIdentityProvider } from '../../identity/show-identity-provider.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const updateIdentityProviderRoute = createRoute({
  method: 'patch',
  path: '/v1/identity-providers/{id}',
  operationId: 'updateIdentityProvider',
  tags: ['Signing in'],
  summary: 'Change an identity provider of the tenant’s own',
  description: 'Fields that the body does not name stay as they are. It holds within five seconds.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    params: z.object({ id: z.uuid() }),
    body: { required: true, content: { 'application/json': { schema: identityProviderChange } } },
  },
  responses: {
    200: jsonAnswer('The identity provider as it is now.', identityProvider),
    ...tenantBodyErrors(['not_found', 'already_exists']),
  },
});

export const handleUpdateIdentityProvider: RouteHandler<typeof updateIdentityProviderRoute, AppTypes> = async (
  context,
) => {
  const { id } = context.req.valid('param');
  const change = context.req.valid('json');
  const updated = await applyChange(context, (by) => updateIdentityProvider(by, providerMaker(context), id, change));
  if (!updated.ok) return errorResponse(context, updated.error);
  return context.json(showIdentityProvider(context, updated.value), 200);
};
