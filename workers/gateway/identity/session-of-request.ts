import { hashSessionToken, mintSessionToken } from '../../../shared/auth/session-token.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { findSession, isSessionAlive, type Session } from '../../../shared/services/find-session.ts';
import { renewSession } from '../../../shared/services/renew-session.ts';
import type { AppContext } from '../app-context.ts';
import { sessionTokenOf, setSessionCookie } from './cookies.ts';
import { isMeant, ownOrigin } from './is-same-site.ts';
import { unauthenticated } from './refusals.ts';

const OVER = unauthenticated(
  'The session of this cookie has ended, or has another cookie by now: it gets one when its person’s rights change. Sign in at /v1/auth/login.',
);

function crossSite(context: AppContext): DomainError {
  const detail = `A request with a session cookie that may change something must come from a page of this site, as its header Origin tells: ${ownOrigin(context)}.`;
  return { code: 'cross_site_request', detail };
}

/**
 * The session whose cookie a request carries; null when it carries none. Refuses one that is not alive or whose identity
 * provider is in use no more, and what another site made a browser send. A session whose person has other rights than
 * before gets another token here, and the one that the request came with is dead. Asked again, as for what runs on after its
 * answer has begun, it tells if that session is alive still, and gives it no other token: nobody would get that.
 */
export async function sessionOfRequest(context: AppContext): Promise<Result<Session | null, DomainError>> {
  const known = context.get('session');
  if (known) return (await isAliveStill(context, known)) ? ok(known) : err(OVER);
  const token = sessionTokenOf(context);
  const tokenHash = token === undefined ? null : await hashSessionToken(token);
  if (tokenHash === null) return ok(null);
  if (!isMeant(context)) return err(crossSite(context));
  const { db, now, identityProviders } = context.get('ports');
  const session = await findSession({ db, tokenHash, now: now() });
  if (!session || !(await identityProviders.findIssuer(session.homeTenantId, session.issuer))) return err(OVER);
  context.set('session', session);
  if (!session.hasOtherRights) return ok(session);
  const newToken = mintSessionToken();
  const newTokenHash = (await hashSessionToken(newToken)) ?? '';
  const isRenewed = await renewSession({ db, userId: session.userId, tokenHash, newTokenHash });
  if (!isRenewed) return err(OVER);
  setSessionCookie(context, newToken);
  return ok(session);
}

async function isAliveStill(
  context: AppContext,
  { sessionId, userId, homeTenantId, issuer }: Session,
): Promise<boolean> {
  const { db, now, identityProviders } = context.get('ports');
  if (!(await isSessionAlive({ db, userId, sessionId, now: now() }))) return false;
  return (await identityProviders.findIssuer(homeTenantId, issuer)) !== null;
}
