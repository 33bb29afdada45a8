import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { err, type Result } from '../errors/result.ts';
import { type TokenRefusal, verifySignedToken } from './verify-signed-token.ts';

/**
 * Verifies an ID token of OpenID Connect Core 1.0, section 3.1.3.7: that it is the issuer's, for this client and for the
 * sign-in that `nonce` belongs to. One for several clients must name this one as its authorised party.
 */
export async function verifyIdToken(
  token: string,
  expected: {
    readonly issuer: string;
    readonly clientId: string;
    readonly nonce: string;
    readonly key: JWTVerifyGetKey;
    readonly now: number;
  },
): Promise<Result<JWTPayload, TokenRefusal>> {
  const { issuer, clientId, nonce, key, now } = expected;
  const requiredClaims = ['sub', 'aud', 'nonce'];
  const verified = await verifySignedToken(token, {
    ...{ issuer, audience: clientId, type: null, requiredClaims, key, now },
  });
  if (!verified.ok) return verified;
  const { sub, aud, azp, nonce: told } = verified.value;
  const isForThisClient = azp === undefined ? !Array.isArray(aud) || aud.length === 1 : azp === clientId;
  return isForThisClient && told === nonce && typeof sub === 'string' && sub !== '' ? verified : err('invalid');
}
