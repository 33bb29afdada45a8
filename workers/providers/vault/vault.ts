import { WorkerEntrypoint } from 'cloudflare:workers';
import { type StubBindings, tenantGate } from '../../../durable-objects/stubs.ts';
import type { KeyRewrap, Opener, OpenRefusal, SealContext, VaultRpc } from '../../../shared/contracts/rpc.ts';
import type { Result } from '../../../shared/errors/result.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import type { ProvidersEnv } from '../env.ts';
import { openKeyring } from '../kms/open-keyring.ts';
import { SealBox } from './seal-box.ts';

let box: Promise<SealBox> | undefined;

/** The isolate's seal box: tenants' keys are remembered in it for minutes. */
function openBox(env: ProvidersEnv): Promise<SealBox> {
  box ??= createBox(env);
  return box;
}

async function createBox(env: ProvidersEnv): Promise<SealBox> {
  const bindings: StubBindings = env;
  const keyring = await openKeyring(env.VAULT_KEYS, {
    fetch: (input, init) => fetch(input, init),
    now: () => new Date(),
  });
  const logger = createLogger({ service: 'providers', level: env.LOG_LEVEL });
  return new SealBox({ keyring, gate: (tenantId) => tenantGate(bindings, tenantId), logger, now: () => Date.now() });
}

/**
 * Seals and opens credentials for the other scripts. Only this script can use the key-encryption keys; it keeps no opened
 * value and logs none.
 */
export class Vault extends WorkerEntrypoint<ProvidersEnv> implements VaultRpc {
  async seal(context: SealContext, plaintext: string): Promise<string> {
    return (await openBox(this.env)).seal(context, plaintext);
  }

  async open(context: SealContext, sealed: string, by?: Opener): Promise<Result<string, OpenRefusal>> {
    return (await openBox(this.env)).open(context, sealed, by);
  }

  async rewrapKey(tenantId: string): Promise<Result<KeyRewrap, OpenRefusal>> {
    return (await openBox(this.env)).rewrapKey(tenantId);
  }

  async reseal(context: SealContext, sealed: string): Promise<Result<string, OpenRefusal>> {
    return (await openBox(this.env)).reseal(context, sealed);
  }

  async ping(): Promise<'ok'> {
    await openBox(this.env);
    return 'ok';
  }
}
