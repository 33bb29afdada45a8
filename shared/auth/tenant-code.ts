import { fromBase62, toBase62 } from '../crypto/base62.ts';
import { TENANT_LENGTH } from './constants.ts';

/** A tenant's id in 22 characters of base 62, as keys and tokens carry it. */
export function toTenantCode(tenantId: string): string {
  return toBase62(BigInt(`0x${tenantId.replaceAll('-', '')}`), TENANT_LENGTH);
}

/** The id that a code stands for, or null when it stands for none. Does not say that there is such a tenant. */
export function fromTenantCode(code: string): string | null {
  const tenant = fromBase62(code);
  if (tenant === null || tenant >= 1n << 128n) return null;
  const text = tenant.toString(16).padStart(32, '0');
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
