import { tenantGate } from '../../durable-objects/stubs.ts';
import { importLocalKey, parseKeyring } from '../../shared/crypto/keyring.ts';
import { createLogger } from '../../shared/platform/logger.ts';
import type { Kms } from '../../workers/providers/kms/kms.ts';
import { createLocalKms } from '../../workers/providers/kms/local-kms.ts';
import { SealBox } from '../../workers/providers/vault/seal-box.ts';
import { testEnv } from './mint-tenant.ts';

/** An isolate of the vault that a test can turn the clock and the KMS of. */
export interface VaultIsolate {
  readonly box: SealBox;
  readonly clock: { now: number };
  /** How its KMS answers; null: as it should. */
  readonly kms: { refusal: 'unavailable' | 'key_denied' | null };
}

/** A new isolate with the keys of the test's vault, the same TenantGates, and nothing in its memory. */
export async function vaultIsolate(): Promise<VaultIsolate> {
  const { primary, keys } = parseKeyring(testEnv.VAULT_KEYS);
  const text = keys[primary];
  if (typeof text !== 'string') throw new Error('the test’s vault has a local key');
  const local = createLocalKms(await importLocalKey(primary, text));
  const state: VaultIsolate['kms'] = { refusal: null };
  const answer = async <T>(work: () => Promise<T>) =>
    state.refusal === null ? await work() : { ok: false as const, error: { reason: state.refusal } };
  const kms: Kms = {
    generate: (...asked) => answer(() => local.generate(...asked)),
    wrap: (...asked) => answer(() => local.wrap(...asked)),
    unwrap: (...asked) => answer(() => local.unwrap(...asked)),
  };
  const clock = { now: Date.now() };
  const box = new SealBox({
    keyring: { primary: { id: primary, kms }, keks: new Map([[primary, kms]]), local: new Map() },
    gate: (tenantId) => tenantGate(testEnv, tenantId),
    logger: createLogger({ service: 'providers', level: 'error', write: () => {} }),
    now: () => clock.now,
  });
  return { box, clock, kms: state };
}
