import type { JWTVerifyGetKey } from 'jose';
import { err, ok, type Result } from '../errors/result.ts';
import { CLOCK_TOLERANCE_SECONDS, type TokenRefusal, verifySignedToken } from './verify-signed-token.ts';

/** Whose sessions an identity provider ends: those of one of its own sessions, or all of a person. */
export interface Logout {
  readonly jti: string;
  /** Epoch milliseconds: after it the token is refused, so that its `jti` can be forgotten. */
  readonly expiresAt: number;
  readonly sid: string | null;
  readonly subject: string | null;
}

const MAX_AGE_SECONDS = 120;
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/**
 * Verifies a logout token of OpenID Connect Back-Channel Logout 1.0, section 2.6: its type, event, age, and that it is no
 * ID token. Does not know if it was used before.
 */
export async function verifyLogoutToken(
  token: string,
  expected: { readonly issuer: string; readonly clientId: string; readonly key: JWTVerifyGetKey; readonly now: number },
): Promise<Result<Logout, TokenRefusal>> {
  const { issuer, clientId, key, now } = expected;
  const verified = await verifySignedToken(token, {
    ...{ issuer, audience: clientId, type: 'logout+jwt', requiredClaims: ['jti', 'events'], key, now },
  });
  if (!verified.ok) return verified;
  const { jti, iat = 0, sub, sid, events, nonce } = verified.value;
  const isOld = now / 1000 - iat > MAX_AGE_SECONDS + CLOCK_TOLERANCE_SECONDS;
  const namesSomebody = isText(sub) || isText(sid);
  if (isOld || nonce !== undefined || !isText(jti) || !namesSomebody || !isLogout(events)) return err('invalid');
  return ok({
    jti,
    expiresAt: (iat + MAX_AGE_SECONDS + 2 * CLOCK_TOLERANCE_SECONDS) * 1000,
    sid: isText(sid) ? sid : null,
    subject: isText(sub) ? sub : null,
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isLogout(events: unknown): boolean {
  if (typeof events !== 'object' || events === null) return false;
  const event: unknown = Object.entries(events).find(([name]) => name === EVENT)?.[1];
  return typeof event === 'object' && event !== null && !Array.isArray(event);
}
