import * as z from 'zod';
import type { Opener, OpenRefusal, VaultRpc } from '../../../shared/contracts/rpc.ts';
import type { SnapshotProviderAccount } from '../../../shared/contracts/tenant-snapshot.ts';
import { providerCredentials } from '../../../shared/crypto/seal-contexts.ts';
import { ok, type Result } from '../../../shared/errors/result.ts';
import { CREDENTIAL_MAX_AGE_MS } from '../constants.ts';

const credentials = z.object({ apiKey: z.string().min(1), accessToken: z.string().min(1).exactOptional() });
export type ProviderCredentials = z.infer<typeof credentials>;

interface Opened {
  readonly credentials: ProviderCredentials;
  readonly at: number;
}

/** Provider credentials that the vault opened, kept for seconds, and no longer than the tenant's configuration. */
export class CredentialCache {
  readonly #vault: Pick<VaultRpc, 'open'>;
  readonly #now: () => number;
  readonly #opened = new WeakMap<SnapshotProviderAccount, Opened>();

  constructor(vault: Pick<VaultRpc, 'open'>, now: () => number) {
    this.#vault = vault;
    this.#now = now;
  }

  /** `by` is whose request it is: of those that one opening serves, the first. */
  async open(
    tenantId: string,
    account: SnapshotProviderAccount,
    by: Opener,
  ): Promise<Result<ProviderCredentials, OpenRefusal>> {
    const known = this.#opened.get(account);
    if (known && this.#now() - known.at <= CREDENTIAL_MAX_AGE_MS) return ok(known.credentials);
    const opened = await this.#vault.open(providerCredentials(tenantId, account.id), account.sealedCredentials, by);
    if (!opened.ok) return opened;
    const parsed = credentials.parse(JSON.parse(opened.value));
    this.#opened.set(account, { credentials: parsed, at: this.#now() });
    return ok(parsed);
  }
}
