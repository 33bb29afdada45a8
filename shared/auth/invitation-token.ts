import { toBase64Url } from '../crypto/bytes.ts';
import { digestOf } from '../crypto/text-digest.ts';
import { TENANT_LENGTH } from './constants.ts';
import { fromTenantCode, toTenantCode } from './tenant-code.ts';

const SECRET_BYTES = 32;
const SHAPE = new RegExp(`^eufm_invitation_([0-9A-Za-z]{${TENANT_LENGTH}})_[0-9A-Za-z_-]{43}$`);

/** Makes `eufm_invitation_<tenant>_<secret>` with 256 random bits: it says whose it is, so that no look-up spans tenants. */
export function mintInvitationToken(tenantId: string): string {
  return `eufm_invitation_${toTenantCode(tenantId)}_${toBase64Url(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)))}`;
}

/** The tenant that a token claims to be of, or null when it is no token. Does not say that it is valid. */
export function tenantOfInvitation(token: string): string | null {
  return fromTenantCode(SHAPE.exec(token)?.[1] ?? '!');
}

/** SHA-256 of a token in base64url: the only form in which it is stored. Its 256 random bits need no slower hash. */
export async function hashInvitationToken(token: string): Promise<string> {
  return toBase64Url(await digestOf(token));
}
