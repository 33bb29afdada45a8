import {
  deliverySecret,
  providerCredentials,
  tenantSecret,
  webhookSigningSecret,
} from '../../../shared/crypto/seal-contexts.ts';
import type { SealFor } from '../../../shared/services/provider-account-fields.ts';
import type { AppContext } from '../app-context.ts';

/** Seals credentials of the tenant's provider accounts. */
export function credentialSealer(context: AppContext): SealFor {
  const { tenantId } = context.get('tenant');
  const { vault } = context.get('ports');
  return (id, plaintext) => vault.seal(providerCredentials(tenantId, id), plaintext);
}

/** Seals values of the tenant's secrets. */
export function secretSealer(context: AppContext): SealFor {
  const { tenantId } = context.get('tenant');
  const { vault } = context.get('ports');
  return (id, plaintext) => vault.seal(tenantSecret(tenantId, id), plaintext);
}

/** Seals what deliveries of the tenant's checkpoints are signed with. */
export function deliverySecretSealer(context: AppContext): SealFor {
  const { tenantId } = context.get('tenant');
  const { vault } = context.get('ports');
  return (id, plaintext) => vault.seal(deliverySecret(tenantId, id), plaintext);
}

/** Seals what the tenant's webhooks and callbacks are signed with. */
export function signingSecretSealer(context: AppContext): SealFor {
  const { tenantId } = context.get('tenant');
  const { vault } = context.get('ports');
  return (id, plaintext) => vault.seal(webhookSigningSecret(tenantId, id), plaintext);
}
