import type { AccessRefusal, Reader } from '../contracts/events.ts';
import type { TenantSnapshot } from '../contracts/tenant-snapshot.ts';
import { isAddressAllowed } from './key-rights.ts';

/**
 * Why somebody may not read a tenant's events by a configuration; null when they may. What a person may do is not in the
 * configuration: that is their gateway's to see to. `now` is epoch milliseconds.
 */
export function refuseReader(
  { actor }: Pick<Reader, 'actor'>,
  snapshot: TenantSnapshot | null,
  now: number,
): AccessRefusal | null {
  if (!snapshot) return 'unauthenticated';
  if (snapshot.status === 'suspended') return 'tenant_suspended';
  if (actor.kind === 'user') return null;
  const apiKey = snapshot.apiKeys.find(({ id }) => id === actor.apiKeyId);
  if (!apiKey || (apiKey.expiresAt !== undefined && apiKey.expiresAt <= now)) return 'unauthenticated';
  return apiKey.scopes.includes('events:read') && isAddressAllowed(apiKey, actor.address) ? null : 'permission_denied';
}
