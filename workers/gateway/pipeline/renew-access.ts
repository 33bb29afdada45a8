import type { Permission } from '../../../shared/auth/permissions.ts';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { refuseKeyUse } from '../identity/refuse-key-use.ts';
import { refusalToDomain } from './refusal-to-domain.ts';

/**
 * Brings who asks to a newer configuration: an API key may have been revoked, expired, or lost the permission. What a
 * person may do is not in the configuration: that is left as it is.
 */
export function renewAccess(
  tenant: TenantContext,
  snapshot: TenantSnapshot,
  permission: Permission,
  now: number,
): Result<TenantContext, DomainError> {
  if (tenant.actor.kind !== 'api_key') return ok({ ...tenant, snapshot });
  const { apiKeyId } = tenant.actor;
  const apiKey = snapshot.apiKeys.find(({ id }) => id === apiKeyId);
  if (!apiKey) return err(refusalToDomain({ reason: 'key_revoked' }));
  const keyUse = { apiKey, address: tenant.keyUse?.address ?? null };
  const refusal = refuseKeyUse(keyUse, now);
  if (refusal) return err(refusal);
  const permissions: TenantContext['permissions'] = new Set(apiKey.scopes);
  if (!permissions.has(permission)) {
    const detail = `The API key does not have the permission ${permission} any more.`;
    return err({ code: 'permission_denied', detail });
  }
  return ok({ ...tenant, permissions, snapshot, keyUse });
}
