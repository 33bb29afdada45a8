import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { err, ok, type Result } from '../../../shared/errors/result.ts';

export interface AccessTokenClaims {
  readonly issuer: string;
  readonly subject: string;
}

/** `invalid`: refuse the token. `unavailable`: the issuer's keys cannot be had now. */
export type AccessTokenRefusal = 'invalid' | 'unavailable';

export type VerifyAccessToken = (token: string) => Promise<Result<AccessTokenClaims, AccessTokenRefusal>>;

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const CLOCK_TOLERANCE_SECONDS = 5;
const KEYS_MAX_AGE_MS = 600_000;
const KEYS_COOLDOWN_MS = 30_000;
const KEYS_TIMEOUT_MS = 5_000;

/**
 * Verifies OIDC access tokens (RFC 9068 JWTs) of one issuer: signature by its published keys, `typ`, `iss`, `aud`, `exp`.
 * Does not look up what the subject may do.
 */
export function createAccessTokenVerifier(options: {
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
}): VerifyAccessToken {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), {
    cacheMaxAge: KEYS_MAX_AGE_MS,
    cooldownDuration: KEYS_COOLDOWN_MS,
    timeoutDuration: KEYS_TIMEOUT_MS,
  });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: options.issuer,
        audience: options.audience,
        algorithms: ALGORITHMS,
        typ: 'at+jwt',
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['sub', 'exp'],
      });
      return payload.sub ? ok({ issuer: options.issuer, subject: payload.sub }) : err('invalid');
    } catch (error) {
      return err(isInvalidToken(error) ? 'invalid' : 'unavailable');
    }
  };
}

function isInvalidToken(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.code !== 'ERR_JOSE_GENERIC'
  );
}
