import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { identityProviderList } from '../../../../shared/contracts/http/identity-providers.ts';
import { pageQuery } from '../../../../shared/contracts/http/page.ts';
import { listIdentityProviders } from '../../../../shared/services/list-identity-providers.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { showIdentityProvider } from '../../identity/show-identity-provider.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const listIdentityProvidersRoute = createRoute({
  method: 'get',
  path: '/v1/identity-providers',
  operationId: 'listIdentityProviders',
  tags: ['Signing in'],
  summary: 'List the tenant’s own identity providers',
  description: 'Without their secrets.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('members:write'),
  request: { headers: tenantHeaders, query: pageQuery },
  responses: {
    200: jsonAnswer('A page of identity providers.', identityProviderList),
    ...tenantErrors(),
  },
});

export const handleListIdentityProviders: RouteHandler<typeof listIdentityProvidersRoute, AppTypes> = async (
  context,
) => {
  const page = context.req.valid('query');
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const listed = await readRecord(context, () => listIdentityProviders({ db, tenantId, page }));
  if (!listed.ok) return errorResponse(context, listed.error);
  const { data, nextCursor } = listed.value;
  return context.json({ data: data.map((fields) => showIdentityProvider(context, fields)), nextCursor }, 200);
};
