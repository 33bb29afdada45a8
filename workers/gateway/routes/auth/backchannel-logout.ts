import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { verifyLogoutToken } from '../../../../shared/auth/verify-logout-token.ts';
import { logoutNoticeQuery } from '../../../../shared/contracts/http/sign-in.ts';
import { endProviderSessions } from '../../../../shared/services/end-sessions.ts';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { identityUnavailable } from '../../identity/refusals.ts';
import { sessionChange } from '../../identity/session-change.ts';
import { problemResponses } from '../route-config.ts';

const NOTICE_MAX_LENGTH = 8_192;

const notice = z.object({ logout_token: z.string() });

export const backchannelLogoutRoute = createRoute({
  method: 'post',
  path: '/v1/auth/backchannel-logout',
  operationId: 'backchannelLogout',
  tags: ['Signing in'],
  summary: 'Be told by an identity provider that a person signed out',
  description:
    'OpenID Connect Back-Channel Logout 1.0. The sessions that the logout token names are ended before the answer.',
  security: [],
  request: {
    query: logoutNoticeQuery,
    body: { required: true, content: { 'application/x-www-form-urlencoded': { schema: notice } } },
  },
  responses: {
    200: { description: 'They are ended.' },
    ...problemResponses(['bad_request', 'unavailable', 'internal_error']),
  },
});

export const handleBackchannelLogout: RouteHandler<typeof backchannelLogoutRoute, AppTypes> = async (context) => {
  context.header('cache-control', 'no-store'); // as its section 2.8 asks
  const { tenantId, provider: providerId } = context.req.valid('query');
  const reference = tenantId !== undefined && providerId !== undefined ? { tenantId, providerId } : null;
  try {
    const isDone = await endNamed(context, reference);
    if (isDone) return context.body(null, 200);
  } catch (error) {
    context.get('logger').error('logout.unavailable', { error });
    return errorResponse(context, identityUnavailable());
  }
  return errorResponse(context, { code: 'bad_request', detail: 'This is no logout token that can be taken.' });
};

/** False: the notice is not to be trusted, or was taken before. Throws when that cannot be known now. */
async function endNamed(
  context: AppContext,
  reference: { readonly tenantId: string; readonly providerId: string } | null,
): Promise<boolean> {
  const { identityProviders, issuers, now } = context.get('ports');
  const token = await readLogoutToken(context);
  const provider = token === null ? null : await identityProviders.find(reference);
  if (token === null || !provider) return false;
  const { issuer, clientId, homeTenantId } = provider;
  const logout = await verifyLogoutToken(token, { issuer, clientId, key: issuers.keysOf(issuer), now: now() });
  if (!logout.ok) {
    if (logout.error === 'unavailable') throw new Error('the issuer’s keys cannot be had');
    return false;
  }
  const done = await endProviderSessions(sessionChange(context), { issuer, homeTenantId, ...logout.value });
  return done === 'ended';
}

async function readLogoutToken(context: AppContext): Promise<string | null> {
  const isForm = context.req.header('content-type')?.split(';')[0]?.trim() === 'application/x-www-form-urlencoded';
  const form = isForm ? await readForm(context.req.raw.body) : null;
  const tokens = form?.getAll('logout_token') ?? [];
  return tokens.length === 1 ? (tokens[0] ?? null) : null;
}

/** Null: there is more of it than a logout token has. */
async function readForm(body: ReadableStream<Uint8Array> | null): Promise<URLSearchParams | null> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > NOTICE_MAX_LENGTH) return null;
  }
  return new URLSearchParams(text);
}
