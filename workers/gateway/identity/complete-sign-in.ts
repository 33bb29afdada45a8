import { hashSessionToken, mintSessionToken } from '../../../shared/auth/session-token.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { endSessions } from '../../../shared/services/end-sessions.ts';
import { findSession } from '../../../shared/services/find-session.ts';
import { joinByDomain } from '../../../shared/services/join-by-domain.ts';
import { type SignInRefusal, signInPerson } from '../../../shared/services/sign-in-person.ts';
import { startSession } from '../../../shared/services/start-session.ts';
import type { AppContext } from '../app-context.ts';
import { sessionTokenOf, setSessionCookie } from './cookies.ts';
import type { SignInProvider } from './identity-provider-directory.ts';
import type { SignedIn } from './relying-party.ts';
import { sessionChange } from './session-change.ts';

/** `domain`: the provider may not bring people of this address. */
export type CompletionRefusal = SignInRefusal | 'domain';

/**
 * Gives who signed in a session of a new id, whatever cookie their browser came with; a session that it had is over. Who
 * comes from the platform's provider joins the tenant of their address's domain.
 */
export async function completeSignIn(
  context: AppContext,
  provider: SignInProvider,
  signedIn: SignedIn,
): Promise<Result<null, CompletionRefusal>> {
  if (!isOfDomain(provider, signedIn)) return err('domain');
  const by = sessionChange(context);
  const { homeTenantId, homeEnvironmentId, providerId, defaultRoleId: roleId } = provider;
  const { externalId } = signedIn;
  const join =
    homeTenantId === null || providerId === null
      ? null
      : { tenantId: homeTenantId, providerId, externalId, roleId, requestId: by.requestId };
  const person = await signInPerson(by.db, signedIn, join);
  if (!person.ok) return person;
  if (homeTenantId === null && signedIn.emailVerified && signedIn.email !== null) {
    await joinByDomain(by, { userId: person.value.userId, email: signedIn.email });
  }
  await endOwn(context);
  const token = mintSessionToken();
  await startSession(by, {
    userId: person.value.userId,
    tokenHash: (await hashSessionToken(token)) ?? '',
    ...{ issuer: signedIn.issuer, subject: signedIn.subject, sid: signedIn.sid },
    ...{ homeTenantId, homeEnvironmentId },
  });
  setSessionCookie(context, token);
  return ok(null);
}

async function endOwn(context: AppContext): Promise<void> {
  const token = sessionTokenOf(context);
  const tokenHash = token === undefined ? null : await hashSessionToken(token);
  if (tokenHash === null) return;
  const by = sessionChange(context);
  const session = await findSession({ db: by.db, tokenHash, now: by.now });
  if (session) await endSessions(by, session.userId, { id: session.sessionId }, 'replaced');
}

/** A domain counts only where the provider says that the address is verified. */
function isOfDomain({ emailDomains }: SignInProvider, { email, emailVerified }: SignedIn): boolean {
  if (emailDomains.length === 0) return true;
  const domain = email?.slice(email.lastIndexOf('@') + 1).toLowerCase();
  return emailVerified && domain !== undefined && emailDomains.includes(domain);
}
