import type { OpenRefusal, SealContext, VaultRpc } from '../../shared/contracts/rpc.ts';
import type { Result } from '../../shared/errors/result.ts';
import { ExpiringMap } from '../../shared/platform/expiring-map.ts';
import { OPENED_SECRETS, SECRET_KEPT_MS } from './constants.ts';

/** Signing secrets that the vault opened, kept for a minute: each opening is an entry of the tenant's audit log. */
export class OpenedSecrets {
  readonly #opened: ExpiringMap<string, string>;

  constructor(now: () => number) {
    this.#opened = new ExpiringMap(OPENED_SECRETS, now);
  }

  async open(
    vault: Pick<VaultRpc, 'open'>,
    context: SealContext,
    sealed: string,
  ): Promise<Result<string, OpenRefusal>> {
    const { tenantId, table, column, rowId, purpose } = context;
    // An envelope that is found in another place is for the vault to refuse.
    const place = `${tenantId}/${table}/${column}/${rowId}/${purpose}/${sealed}`;
    const known = this.#opened.get(place, SECRET_KEPT_MS);
    if (known !== undefined) return { ok: true, value: known };
    const result = await vault.open(context, sealed);
    if (result.ok) this.#opened.set(place, result.value);
    return result;
  }
}
