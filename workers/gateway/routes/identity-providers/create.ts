import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { identityProvider, identityProviderInput } from '../../../../shared/contracts/http/identity-providers.ts';
import { createIdentityProvider } from '../../../../shared/services/create-identity-provider.ts';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { applyChange } from '../../configuration/apply-change.ts';
import { errorResponse } from '../../error-response.ts';
import { providerMaker, showIdentityProvider } from '../../identity/show-identity-provider.ts';
import { jsonAnswer, TENANT_SECURITY, tenantBodyErrors, tenantBodyRoute, tenantHeaders } from '../route-config.ts';

export const createIdentityProviderRoute = createRoute({
  method: 'post',
  path: '/v1/identity-providers',
  operationId: 'createIdentityProvider',
  tags: ['Signing in'],
  summary: 'Let people sign in at an identity provider of the tenant’s own',
  description:
    'Any OpenID Connect provider. Whom it brings belong to this tenant alone. Nobody can give them a role that permits more than they may do themselves.',
  security: TENANT_SECURITY,
  middleware: tenantBodyRoute('members:write'),
  request: {
    headers: tenantHeaders,
    body: { required: true, content: { 'application/json': { schema: identityProviderInput } } },
  },
  responses: {
    201: jsonAnswer('The identity provider.', identityProvider),
    ...tenantBodyErrors(['already_exists']),
  },
});

export const handleCreateIdentityProvider: RouteHandler<typeof createIdentityProviderRoute, AppTypes> = async (
  context,
) => {
  const input = context.req.valid('json');
  const refusal = await refuseIssuer(context, input.issuer);
  if (refusal !== null) {
    const errors = [{ pointer: '/issuer', detail: refusal }];
    return errorResponse(context, {
      code: 'bad_request',
      detail: `The request is not valid. /issuer: ${refusal}`,
      errors,
    });
  }
  const created = await applyChange(context, (by) => createIdentityProvider(by, providerMaker(context), input));
  if (!created.ok) return errorResponse(context, created.error);
  return context.json(showIdentityProvider(context, created.value), 201);
};

/** The platform's own brings people into every tenant, so it can be no tenant's. */
async function refuseIssuer(context: AppContext, issuer: string): Promise<string | null> {
  const { issuers, identityProviders } = context.get('ports');
  if (issuer === identityProviders.platform.issuer) return 'it is the platform’s own';
  try {
    await issuers.metadataOf(issuer);
    return null;
  } catch (error) {
    context.get('logger').info('identity_provider.refused', { error });
    return 'it does not describe itself as an OpenID Connect issuer';
  }
}
