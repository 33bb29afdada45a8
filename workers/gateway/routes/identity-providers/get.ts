import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { identityProvider } from '../../../../shared/contracts/http/identity-providers.ts';
import { getIdentityProvider } from '../../../../shared/services/list-identity-providers.ts';
import type { AppTypes } from '../../app-context.ts';
import { NOT_FOUND } from '../../configuration/apply-change.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { showIdentityProvider } from '../../identity/show-identity-provider.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const getIdentityProviderRoute = createRoute({
  method: 'get',
  path: '/v1/identity-providers/{id}',
  operationId: 'getIdentityProvider',
  tags: ['Signing in'],
  summary: 'Get an identity provider of the tenant’s own',
  description: 'Without its secret.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, params: z.object({ id: z.uuid() }) },
  responses: {
    200: jsonAnswer('The identity provider.', identityProvider),
    ...tenantErrors(['not_found']),
  },
});

export const handleGetIdentityProvider: RouteHandler<typeof getIdentityProviderRoute, AppTypes> = async (context) => {
  const { id } = context.req.valid('param');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const found = await readRecord(context, () => getIdentityProvider({ db, tenantId, id }));
  if (!found.ok) return errorResponse(context, found.error);
  if (!found.value) return errorResponse(context, NOT_FOUND);
  return context.json(showIdentityProvider(context, found.value), 200);
};
