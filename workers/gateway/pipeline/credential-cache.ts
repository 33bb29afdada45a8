import * as z from 'zod';
import type { OpenRefusal, VaultRpc } from '../../../shared/contracts/rpc.ts';
import type { SnapshotProviderAccount } from '../../../shared/contracts/tenant-snapshot.ts';
import { ok, type Result } from '../../../shared/errors/result.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { CACHED_CREDENTIALS, CREDENTIAL_MAX_AGE_MS } from '../constants.ts';

const credentials = z.object({ apiKey: z.string().min(1), accessToken: z.string().min(1).exactOptional() });
export type ProviderCredentials = z.infer<typeof credentials>;

/** Provider credentials that the vault opened, kept in this isolate's memory for seconds. */
export class CredentialCache {
  readonly #vault: Pick<VaultRpc, 'open'>;
  readonly #opened: ExpiringMap<string, ProviderCredentials>;

  constructor(vault: Pick<VaultRpc, 'open'>, now: () => number) {
    this.#vault = vault;
    this.#opened = new ExpiringMap(CACHED_CREDENTIALS, now);
  }

  async open(tenantId: string, account: SnapshotProviderAccount): Promise<Result<ProviderCredentials, OpenRefusal>> {
    const cacheKey = `${tenantId}:${account.id}:${account.sealedCredentials}`;
    const cached = this.#opened.get(cacheKey, CREDENTIAL_MAX_AGE_MS);
    if (cached) return ok(cached);
    const context = { tenantId, table: 'provider_accounts', column: 'encrypted_credentials', rowId: account.id };
    const opened = await this.#vault.open(context, account.sealedCredentials);
    if (!opened.ok) return opened;
    const parsed = credentials.parse(JSON.parse(opened.value));
    this.#opened.set(cacheKey, parsed);
    return ok(parsed);
  }
}
