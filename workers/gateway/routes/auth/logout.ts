import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { signedOut } from '../../../../shared/contracts/http/sign-in.ts';
import { endSessions } from '../../../../shared/services/end-sessions.ts';
import type { AppContext, AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { setSessionCookie } from '../../identity/cookies.ts';
import { ownOrigin } from '../../identity/is-same-site.ts';
import { sessionChange } from '../../identity/session-change.ts';
import { jsonAnswer, personErrors, personRoute } from '../route-config.ts';

export const logoutRoute = createRoute({
  method: 'post',
  path: '/v1/auth/logout',
  operationId: 'logout',
  tags: ['Signing in'],
  summary: 'Sign out',
  description: 'Ends the session of this browser. Its cookie is of no use from then on.',
  security: [{ session: [] }],
  middleware: personRoute(),
  responses: {
    200: jsonAnswer('The session has ended.', signedOut),
    ...personErrors(),
  },
});

export const handleLogout: RouteHandler<typeof logoutRoute, AppTypes> = async (context) => {
  const { userId, sessionId } = context.get('person');
  if (sessionId === null) {
    const detail = 'An access token has no session to end; its identity provider can revoke it.';
    return errorResponse(context, { code: 'bad_request', detail });
  }
  const ended = await readRecord(context, () =>
    endSessions(sessionChange(context), userId, { id: sessionId }, 'signed_out'),
  );
  if (!ended.ok) return errorResponse(context, ended.error);
  setSessionCookie(context, null);
  return context.json({ endSessionUrl: await endSessionUrl(context) }, 200);
};

/** Only the platform's provider is asked to end its session too: a tenant's own is that tenant's to sign out of. */
async function endSessionUrl(context: AppContext): Promise<string | null> {
  const { issuers, identityProviders } = context.get('ports');
  if (context.get('person').tenantId !== null) return null;
  const { issuer, clientId } = identityProviders.platform;
  const { end_session_endpoint: endpoint } = await issuers
    .metadataOf(issuer)
    .catch(() => ({}) as { end_session_endpoint?: string });
  if (endpoint === undefined) return null;
  const url = new URL(endpoint);
  url.searchParams.set('client_id', clientId);
  url.searchParams.set('post_logout_redirect_uri', `${ownOrigin(context)}/`);
  return url.href;
}
