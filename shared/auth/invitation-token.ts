import { fromBase62, toBase62 } from '../crypto/base62.ts';
import { toBase64Url } from '../crypto/bytes.ts';

const TENANT_LENGTH = 22;
const SECRET_BYTES = 32;
const SHAPE = new RegExp(`^eufm_invitation_([0-9A-Za-z]{${TENANT_LENGTH}})_[0-9A-Za-z_-]{43}$`);

/** Makes `eufm_invitation_<tenant>_<secret>` with 256 random bits: it says whose it is, so that no look-up spans tenants. */
export function mintInvitationToken(tenantId: string): string {
  const tenant = toBase62(BigInt(`0x${tenantId.replaceAll('-', '')}`), TENANT_LENGTH);
  return `eufm_invitation_${tenant}_${toBase64Url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))}`;
}

/** The tenant that a token claims to be of, or null when it is no token. Does not say that it is valid. */
export function tenantOfInvitation(token: string): string | null {
  const tenant = fromBase62(SHAPE.exec(token)?.[1] ?? '!');
  if (tenant === null || tenant >= 1n << 128n) return null;
  const text = tenant.toString(16).padStart(32, '0');
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** SHA-256 of a token in base64url: the only form in which it is stored. Its 256 random bits need no slower hash. */
export async function hashInvitationToken(token: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))));
}
