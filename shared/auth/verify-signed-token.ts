import { errors, type JWTHeaderParameters, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { fromBase64 } from '../crypto/bytes.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { hasDuplicateNames } from './duplicate-names.ts';

/** `invalid`: refuse the token. `unavailable`: the issuer's keys cannot be had now. */
export type TokenRefusal = 'invalid' | 'unavailable';

/** What a signed token must say. */
export interface ExpectedToken {
  readonly issuer: string;
  readonly audience: string;
  /** Its `typ` (RFC 8725, section 3.11); null: any but those of other kinds of token. */
  readonly type: string | null;
  readonly requiredClaims: readonly string[];
  /** Looks up the issuer's key for a header; throws `KeysUnavailable` when it cannot. */
  readonly key: JWTVerifyGetKey;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The issuer's keys cannot be had now. */
export class KeysUnavailable extends Error {}

/** Asymmetric ones only: a public key must never serve as a shared secret. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** How far the issuer's clock may be from ours. */
export const CLOCK_TOLERANCE_SECONDS = 5;

/** Headers by which a token would bring its own key, or change what the others mean. */
const FORBIDDEN_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64'];

/** `typ` of tokens that are for something else than to say who signed in. */
const OTHER_TYPES = ['at+jwt', 'application/at+jwt', 'logout+jwt', 'application/logout+jwt'];

/**
 * Verifies a signed JWT as RFC 8725 advises: its signature by a key of its issuer, its type, issuer, audience and times.
 * Refuses one that brings a key along or that says something twice. Does not know what its other claims must be.
 */
export async function verifySignedToken(
  token: string,
  expected: ExpectedToken,
): Promise<Result<JWTPayload, TokenRefusal>> {
  if (!isUnambiguous(token)) return err('invalid');
  try {
    const { payload, protectedHeader } = await jwtVerify(token, expected.key, {
      issuer: expected.issuer,
      audience: expected.audience,
      algorithms: ALGORITHMS,
      ...(expected.type !== null && { typ: expected.type }),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp', 'iat', ...expected.requiredClaims],
      currentDate: new Date(expected.now),
    });
    return isOfKind(protectedHeader, expected) && isIssued(payload, expected) ? ok(payload) : err('invalid');
  } catch (error) {
    if (error instanceof KeysUnavailable) return err('unavailable');
    if (error instanceof errors.JOSEError || error instanceof TypeError) return err('invalid');
    throw error;
  }
}

function isUnambiguous(token: string): boolean {
  const parts = token.split('.');
  const [header, payload] = parts.slice(0, 2).map(readPart);
  if (parts.length !== 3 || !header || !payload) return false;
  return !FORBIDDEN_HEADERS.some((name) => Object.hasOwn(header, name));
}

/** An object without names that it has twice, or null. */
function readPart(part: string): object | null {
  const bytes = fromBase64(part);
  if (!bytes) return null;
  try {
    const json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !hasDuplicateNames(json) ? value : null;
  } catch {
    return null;
  }
}

function isOfKind({ typ }: JWTHeaderParameters, { type }: ExpectedToken): boolean {
  return type !== null || typ === undefined || !OTHER_TYPES.includes(typ.toLowerCase());
}

function isIssued({ iat = Number.POSITIVE_INFINITY }: JWTPayload, { now }: ExpectedToken): boolean {
  return iat <= now / 1000 + CLOCK_TOLERANCE_SECONDS;
}
