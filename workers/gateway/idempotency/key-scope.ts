import type { KeyScope } from '../../../durable-objects/stubs.ts';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { ScimConnection } from '../../../shared/services/scim/scim-connection.ts';
import type { AppContext } from '../app-context.ts';

export type { KeyScope };

/** Whose a key is, and who asks: the tenant of the request or of its SCIM token, or on routes of no tenant the person. */
export function keyScopeOf(context: AppContext): { readonly scope: KeyScope; readonly actor: unknown } {
  const tenant: TenantContext | undefined = context.get('tenant');
  if (tenant) return { scope: { kind: 'tenant', id: tenant.tenantId }, actor: tenant.actor };
  const connection: ScimConnection | undefined = context.get('scim');
  if (connection) {
    const { tenantId, tokenId } = connection;
    return { scope: { kind: 'tenant', id: tenantId }, actor: { kind: 'scim_token', scimTokenId: tokenId } };
  }
  const { userId } = context.get('person');
  return { scope: { kind: 'person', id: userId }, actor: { kind: 'user', userId } };
}
