import { isAddressAllowed } from '../../../shared/auth/key-rights.ts';
import type { KeyUse } from '../../../shared/auth/tenant-context.ts';
import type { SnapshotApiKey } from '../../../shared/contracts/tenant-snapshot.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';

/** If a key's time is over. `now` is epoch milliseconds. */
export function isExpired({ expiresAt }: SnapshotApiKey, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** Why a key that exists may not be used now and from there; null when it may. Does not look at what is asked for. */
export function refuseKeyUse({ apiKey, address }: KeyUse, now: number): DomainError | null {
  if (isExpired(apiKey, now)) {
    const headers = { 'www-authenticate': 'Bearer realm="eufm", error="invalid_token"' };
    return { code: 'unauthenticated', detail: 'The API key has expired.', headers };
  }
  if (isAddressAllowed(apiKey, address)) return null;
  const detail = `The API key may not be used from ${address ?? 'an address that is not known'}.`;
  return { code: 'address_not_allowed', detail };
}
