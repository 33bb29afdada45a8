import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { signInQuery } from '../../../../shared/contracts/http/sign-in.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { CALLBACK_PATH } from '../../identity/callback-path.ts';
import { setSignInCookie } from '../../identity/cookies.ts';
import { ownOrigin } from '../../identity/is-same-site.ts';
import { identityUnavailable } from '../../identity/refusals.ts';
import { beginSignIn } from '../../identity/relying-party.ts';
import { sealAttempt } from '../../identity/sealed-attempt.ts';
import { asUntyped } from '../../untyped-response.ts';
import { problemResponses } from '../route-config.ts';

export const loginRoute = createRoute({
  method: 'get',
  path: '/v1/auth/login',
  operationId: 'login',
  tags: ['Signing in'],
  summary: 'Sign in',
  description:
    'Open it in a browser: it sends you to the identity provider (authorization code with PKCE) and back, with a session cookie.',
  security: [],
  request: { query: signInQuery },
  responses: {
    302: { description: 'To the identity provider.' },
    ...problemResponses(['bad_request', 'not_found', 'unavailable', 'internal_error']),
  },
});

export const handleLogin: RouteHandler<typeof loginRoute, AppTypes> = async (context) => {
  const { tenantId, provider: providerId, returnTo } = context.req.valid('query');
  const { identityProviders, issuers, now } = context.get('ports');
  const reference = tenantId !== undefined && providerId !== undefined ? { tenantId, providerId } : null;
  try {
    const provider = await identityProviders.find(reference);
    if (!provider) return errorResponse(context, { code: 'not_found', detail: 'There is no such identity provider.' });
    const redirectUri = ownOrigin(context) + CALLBACK_PATH;
    const { url, attempt } = await beginSignIn(issuers, provider, { redirectUri, returnTo, now: now() });
    setSignInCookie(context, await sealAttempt(context, attempt));
    return asUntyped(context.redirect(url, 302));
  } catch (error) {
    context.get('logger').error('sign_in.unavailable', { error });
    return errorResponse(context, identityUnavailable());
  }
};
