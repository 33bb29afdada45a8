import { type RegionName, regionName } from '../contracts/names.ts';
import { randomBase62 } from '../crypto/base62.ts';
import { toBase64Url } from '../crypto/bytes.ts';
import { digestOf } from '../crypto/text-digest.ts';
import { checksumOf, hasChecksum } from './checksum.ts';
import { CHECKSUM_LENGTH, SECRET_LENGTH, SHOWN_SECRET_LENGTH, TENANT_LENGTH } from './constants.ts';
import { fromTenantCode, toTenantCode } from './tenant-code.ts';

const SHAPE = new RegExp(
  `^eufm_scim_([a-z]+)_([0-9A-Za-z]{${TENANT_LENGTH}})[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`,
);

/** What a SCIM token says of itself. None of it is proof: only its hash, found among the tenant's, is. */
export interface ScimTokenClaims {
  readonly region: RegionName;
  readonly tenantId: string;
}

/** A new token. `token` is shown once and stored nowhere; by `tokenPrefix` people recognise it. */
export interface MintedScimToken {
  readonly token: string;
  readonly tokenPrefix: string;
}

/** Makes a token of the form `eufm_scim_<region>_<tenant><secret><checksum>` with 238 random bits. */
export function mintScimToken({ region, tenantId }: ScimTokenClaims): MintedScimToken {
  const head = `eufm_scim_${region}_`;
  const secret = randomBase62(SECRET_LENGTH);
  const body = head + toTenantCode(tenantId) + secret;
  return { token: body + checksumOf(body), tokenPrefix: head + secret.slice(0, SHOWN_SECRET_LENGTH) };
}

/** Reads a token without a look-up: null when its shape or checksum is wrong. Does not say that the token exists. */
export function parseScimToken(token: string): ScimTokenClaims | null {
  const match = SHAPE.exec(token);
  const region = regionName.safeParse(match?.[1]);
  const tenantId = fromTenantCode(match?.[2] ?? '!');
  if (!region.success || tenantId === null || !hasChecksum(token)) return null;
  return { region: region.data, tenantId };
}

/** SHA-256 of a token in base64url: the only form in which it is stored. Its 238 random bits need no slower hash. */
export async function hashScimToken(token: string): Promise<string> {
  return toBase64Url(await digestOf(token));
}
