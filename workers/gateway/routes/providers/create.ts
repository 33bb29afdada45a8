import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { providerAccount, providerAccountInput } from '../../../../shared/contracts/http/providers.ts';
import { createProviderAccount } from '../../../../shared/services/create-provider-account.ts';
import type { AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { refuseRegion } from '../../configuration/refuse-region.ts';
import { refuseBaseUrl } from '../../configuration/refuse-url.ts';
import { credentialSealer } from '../../configuration/sealers.ts';
import { errorResponse } from '../../error-response.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createProviderAccountRoute = createRoute({
  method: 'post',
  path: '/v1/providers',
  operationId: 'createProviderAccount',
  tags: ['Providers'],
  summary: 'Connect an account at a provider',
  description:
    'Its credentials are sealed before they are stored, and never shown again. `POST /v1/providers/{id}/test` tells if the provider takes them.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('providers:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: providerAccountInput } } },
  },
  responses: {
    201: jsonAnswer('The account. Requests may use it from now on.', providerAccount),
    ...tenantBodyErrors(['already_exists']),
  },
});

export const handleCreateProviderAccount: RouteHandler<typeof createProviderAccountRoute, AppTypes> = async (
  context,
) => {
  const input = context.req.valid('json');
  const refusal = refuseBaseUrl(context, input.baseUrl) ?? refuseRegion(input);
  if (refusal) return errorResponse(context, refusal);
  const created = await applyChange(context, (by) => createProviderAccount(by, credentialSealer(context), input));
  return created.ok ? context.json(created.value, 201) : errorResponse(context, created.error);
};
