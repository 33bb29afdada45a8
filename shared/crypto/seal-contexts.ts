import type { SealContext } from '../contracts/rpc.ts';

/** Where a provider account's credentials belong. */
export function providerCredentials(tenantId: string, id: string): SealContext {
  const place = { table: 'provider_accounts', column: 'encrypted_credentials', rowId: id };
  return { tenantId, ...place, purpose: 'provider_account' };
}

/** Where the client secret of a tenant's own identity provider belongs. */
export function clientSecret(tenantId: string, id: string): SealContext {
  const place = { table: 'identity_providers', column: 'encrypted_client_secret', rowId: id };
  return { tenantId, ...place, purpose: 'identity_provider' };
}

/** Where a value that a tenant keeps with us belongs. */
export function tenantSecret(tenantId: string, id: string): SealContext {
  return { tenantId, table: 'secrets', column: 'encrypted_value', rowId: id, purpose: 'secret' };
}

/** What deliveries of a tenant's checkpoints are signed with belongs to their destination. */
export function deliverySecret(tenantId: string, id: string): SealContext {
  const place = { table: 'audit_log_destinations', column: 'encrypted_secret', rowId: id };
  return { tenantId, ...place, purpose: 'audit_log_destination' };
}

/** Where a secret belongs that a tenant's webhooks and callbacks are signed with. */
export function webhookSigningSecret(tenantId: string, id: string): SealContext {
  const place = { table: 'webhook_signing_secrets', column: 'encrypted_secret', rowId: id };
  return { tenantId, ...place, purpose: 'webhook_signing_secret' };
}

/** A begun sign-in, which belongs to no tenant yet. Its envelope opens for its own `state` only. */
export function signInContext(state: string): SealContext {
  return { tenantId: '', table: 'sign_in', column: 'attempt', rowId: state, purpose: 'sign_in_attempt' };
}

/**
 * An answer that is kept for an Idempotency-Key, by what its request did. A person's own, which belongs to no tenant, opens
 * for that person only.
 */
export function keptAnswer(scope: { readonly kind: 'tenant' | 'person'; readonly id: string }, effectId: string) {
  const tenantId = scope.kind === 'tenant' ? scope.id : '';
  const rowId = scope.kind === 'tenant' ? effectId : `${scope.id}/${effectId}`;
  return { tenantId, table: 'idempotency_store', column: 'body', rowId, purpose: 'kept_answer' } satisfies SealContext;
}
