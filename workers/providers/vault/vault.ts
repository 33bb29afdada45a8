import { WorkerEntrypoint } from 'cloudflare:workers';
import type { OpenRefusal, SealContext, VaultRpc } from '../../../shared/contracts/rpc.ts';
import { importKeyring, type Keyring, openEnvelope, sealEnvelope } from '../../../shared/crypto/envelope.ts';
import type { Result } from '../../../shared/errors/result.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import type { ProvidersEnv } from '../env.ts';

let keyring: Promise<Keyring> | undefined;

/**
 * Seals and opens credentials for the other scripts. Only this script has the key-encryption keys; it keeps no opened
 * value and logs none.
 */
export class Vault extends WorkerEntrypoint<ProvidersEnv> implements VaultRpc {
  async seal(context: SealContext, plaintext: string): Promise<string> {
    return sealEnvelope(await this.#keyring(), context, plaintext);
  }

  async open(context: SealContext, sealed: string): Promise<Result<string, OpenRefusal>> {
    const opened = await openEnvelope(await this.#keyring(), context, sealed);
    if (!opened.ok) {
      const logger = createLogger({ service: 'providers', level: this.env.LOG_LEVEL });
      logger.error('vault.open_refused', { ...context, reason: opened.error.reason });
    }
    return opened;
  }

  async ping(): Promise<'ok'> {
    await this.#keyring();
    return 'ok';
  }

  #keyring(): Promise<Keyring> {
    keyring ??= importKeyring(this.env.VAULT_KEYS);
    return keyring;
  }
}
