import { type EnvironmentType, environmentType, type RegionName, regionName } from '../contracts/names.ts';
import { randomBase62 } from '../crypto/base62.ts';
import { toBase64Url } from '../crypto/bytes.ts';
import { checksumOf, hasChecksum } from './checksum.ts';
import { SECRET_LENGTH, SHAPE, SHOWN_SECRET_LENGTH, TENANT_LENGTH } from './constants.ts';
import { fromTenantCode, toTenantCode } from './tenant-code.ts';

/** What an API key says of itself. None of it is proof: only its HMAC, found in the tenant's snapshot, is. */
export interface ApiKeyClaims {
  readonly region: RegionName;
  readonly environment: EnvironmentType;
  readonly tenantId: string;
}

/** A new key. `key` is shown once and stored nowhere. */
export interface MintedApiKey {
  readonly key: string;
  /** Enough of the key for people to recognise it by. */
  readonly keyPrefix: string;
}

/** Makes a key of the form `eufm_<region>_<environment>_<tenant><secret><checksum>` with 238 random bits. */
export function mintApiKey(claims: ApiKeyClaims): MintedApiKey {
  const head = `eufm_${claims.region}_${claims.environment}_`;
  const secret = randomBase62(SECRET_LENGTH);
  const body = head + toTenantCode(claims.tenantId) + secret;
  const key = body + checksumOf(body);
  return { key, keyPrefix: keyPrefixOf(key) };
}

/** The part of a key that people may see: where it belongs, and the first characters of its secret. */
export function keyPrefixOf(key: string): string {
  const head = key.slice(0, key.lastIndexOf('_') + 1);
  const secretStart = head.length + TENANT_LENGTH;
  return head + key.slice(secretStart, secretStart + SHOWN_SECRET_LENGTH);
}

/**
 * Reads a key without a look-up: null when its shape or checksum is wrong, which refuses every single-character typo.
 * Does not say that the key exists.
 */
export function parseApiKey(key: string): ApiKeyClaims | null {
  const match = SHAPE.exec(key);
  if (!match) return null;
  const region = regionName.safeParse(match[1]);
  const environment = environmentType.safeParse(match[2]);
  const tenantId = fromTenantCode(match[3] ?? '');
  if (!region.success || !environment.success || tenantId === null || !hasChecksum(key)) return null;
  return { region: region.data, environment: environment.data, tenantId };
}

/** HMAC-SHA-256 of the whole key under the pepper, in base64url: the only form in which a key is stored. */
export async function hashApiKey(pepper: CryptoKey, key: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', pepper, new TextEncoder().encode(key))));
}

/** Imports the pepper (base64, 32 bytes or more) for `hashApiKey`. */
export async function importPepper(pepper: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', pepper, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}
