import { randomUUID } from 'node:crypto';
import { loadSecrets } from '../../scripts/dev/secrets.ts';
import { importKeyring, sealEnvelope } from '../../shared/crypto/envelope.ts';
import { type DevFile, query } from './product.ts';

/**
 * Gives a tenant of the running product an account at the simulator, as the demo tenant has one: with the vault's keys of
 * the product's folder, and without telling its TenantGate, which the tenant's next change does.
 */
export async function connectSimulator(dev: DevFile, folder: string, tenantId: string): Promise<void> {
  const id = randomUUID();
  const context = { tenantId, table: 'provider_accounts', column: 'encrypted_credentials', rowId: id };
  const keyring = await importKeyring(loadSecrets(folder).vaultKeys);
  const sealed = await sealEnvelope(keyring, context, JSON.stringify({ apiKey: 'sk-simulated' }));
  await query(
    dev.databaseUrl,
    `insert into provider_accounts (id, tenant_id, provider, account_label, base_url, encrypted_credentials)
     select $1, $2, provider, 'simulator', base_url, $3 from provider_accounts
     where tenant_id = $4 and provider = 'openai'`,
    [id, tenantId, sealed, dev.tenantId],
  );
}
