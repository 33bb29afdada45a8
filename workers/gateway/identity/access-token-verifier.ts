import { decodeJwt } from 'jose';
import { type TokenRefusal, verifySignedToken } from '../../../shared/auth/verify-signed-token.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { IssuerSubject } from '../../../shared/services/find-member.ts';
import type { IdentityProviderDirectory } from './identity-provider-directory.ts';
import type { OpenIdIssuers } from './openid-issuers.ts';

/** Whose an access token is, and where its issuer may bring them. */
export interface AccessTokenClaims extends IssuerSubject {
  readonly homeEnvironmentId: string | null;
}

export type VerifyAccessToken = (
  token: string,
  tenantId: string | null,
) => Promise<Result<AccessTokenClaims, TokenRefusal>>;

/**
 * Verifies OIDC access tokens (RFC 9068 JWTs) for a request that names a tenant, or none: of the platform's issuer, and of
 * the tenant's own. Does not look up what the subject may do. No issuer that is not pinned is ever asked for anything.
 */
export function createAccessTokenVerifier(options: {
  readonly issuers: OpenIdIssuers;
  readonly providers: IdentityProviderDirectory;
  readonly audience: string;
  now(): number;
}): VerifyAccessToken {
  const { issuers, providers, audience } = options;
  return async (token, tenantId) => {
    const issuer = claimedIssuer(token);
    const provider = issuer === null ? null : await providers.findIssuer(tenantId, issuer);
    if (!provider) return err('invalid');
    const verified = await verifySignedToken(token, {
      ...{ issuer: provider.issuer, audience, type: 'at+jwt', requiredClaims: ['sub'] },
      key: issuers.keysOf(provider.issuer),
      now: options.now(),
    });
    if (!verified.ok) return verified;
    const { sub: subject } = verified.value;
    if (!subject) return err('invalid');
    const { homeTenantId, homeEnvironmentId } = provider;
    return ok({ issuer: provider.issuer, subject, homeTenantId, homeEnvironmentId });
  };
}

/** Which issuer a token claims to be of: only to know whose keys it must be verified with. */
function claimedIssuer(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}
