import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { noteRefusedSignIn } from '../../audit/note-denial.ts';
import { errorResponse } from '../../error-response.ts';
import { CALLBACK_PATH } from '../../identity/callback-path.ts';
import { type CompletionRefusal, completeSignIn } from '../../identity/complete-sign-in.ts';
import { setSignInCookie, signInCookieOf } from '../../identity/cookies.ts';
import { ownOrigin } from '../../identity/is-same-site.ts';
import { identityUnavailable } from '../../identity/refusals.ts';
import { finishSignIn } from '../../identity/relying-party.ts';
import { openAttempt } from '../../identity/sealed-attempt.ts';
import { asUntyped, type UntypedResponse } from '../../untyped-response.ts';
import { problemResponses } from '../route-config.ts';

export const callbackRoute = createRoute({
  method: 'get',
  path: '/v1/auth/callback',
  operationId: 'completeLogin',
  tags: ['Signing in'],
  summary: 'Come back from the identity provider',
  description: 'Where identity providers send browsers back to. It takes what a sign-in of the same browser asked for.',
  security: [],
  responses: {
    302: { description: 'Signed in, with a session cookie: to where the sign-in was to return.' },
    ...problemResponses(['sign_in_failed', 'unavailable', 'internal_error']),
  },
});

const REFUSALS: Readonly<Record<CompletionRefusal, string>> = {
  email_missing: 'Your identity provider tells no e-mail address that it has verified.',
  email_taken:
    'Another account has your e-mail address. Accounts are never linked by address: sign in as you did before.',
  disabled: 'This account is disabled.',
  domain: 'This identity provider may not bring people of your e-mail address.',
};

export const handleCallback: RouteHandler<typeof callbackRoute, AppTypes> = async (context) => {
  const cookie = signInCookieOf(context);
  setSignInCookie(context, null);
  try {
    return await takeAnswer(context, cookie);
  } catch (error) {
    context.get('logger').error('sign_in.unavailable', { error });
    return errorResponse(context, identityUnavailable());
  }
};

async function takeAnswer(context: AppContext, cookie: string | undefined): Promise<UntypedResponse> {
  const { identityProviders, issuers, now } = context.get('ports');
  const callback = new URL(context.req.url);
  const [state, ...others] = callback.searchParams.getAll('state');
  const attempt =
    cookie !== undefined && state !== undefined && others.length === 0
      ? await openAttempt(context, cookie, state)
      : null;
  if (!attempt || attempt.redirectUri !== ownOrigin(context) + CALLBACK_PATH) {
    return fail(context, 'This browser did not begin this sign-in, or did so more than ten minutes ago.');
  }
  const provider = await identityProviders.find(attempt.reference);
  const refuse = (reason: string, detail: string) => {
    if (attempt.reference) noteRefusedSignIn(context, attempt.reference.tenantId, reason);
    return fail(context, detail);
  };
  if (provider?.issuer !== attempt.issuer) return refuse('provider', 'The identity provider is not in use any more.');
  let signedIn: Awaited<ReturnType<typeof finishSignIn>>;
  try {
    signedIn = await finishSignIn(issuers, provider, attempt, { callback, now: now() });
  } catch (error) {
    context.get('logger').warn('sign_in.refused', { error });
    return refuse('answer', 'The answer of the identity provider was not accepted. Sign in again.');
  }
  const completed = await completeSignIn(context, provider, signedIn);
  if (!completed.ok) return refuse(completed.error, REFUSALS[completed.error]);
  return asUntyped(context.redirect(attempt.returnTo, 302));
}

function fail(context: AppContext, detail: string): UntypedResponse {
  return errorResponse(context, { code: 'sign_in_failed', detail });
}
