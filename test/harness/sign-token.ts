import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';

/** Signs a token as an identity provider with this private key (JWK, as JSON) would. `header` is added to its own. */
export async function signToken(
  key: string,
  payload: JWTPayload,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const jwk: JWK = JSON.parse(key);
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', kid: jwk.kid ?? '', ...header })
    .sign(await importJWK(jwk, 'RS256'));
}
