import type { KeyScope } from '../../../durable-objects/stubs.ts';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { AppContext } from '../app-context.ts';

export type { KeyScope };

/** Whose a key is, and who asks: the tenant of the request, or on routes that belong to no tenant the person. */
export function keyScopeOf(context: AppContext): { readonly scope: KeyScope; readonly actor: unknown } {
  const tenant: TenantContext | undefined = context.get('tenant');
  if (tenant) return { scope: { kind: 'tenant', id: tenant.tenantId }, actor: tenant.actor };
  const { userId } = context.get('person');
  return { scope: { kind: 'person', id: userId }, actor: { kind: 'user', userId } };
}
