import { importLocalKey, parseKeyring } from '../../../shared/crypto/keyring.ts';
import { createAwsKms } from './aws-kms.ts';
import { createGoogleKms } from './google-kms.ts';
import type { Kms } from './kms.ts';
import { createLocalKms } from './local-kms.ts';

/** The key-encryption keys that the vault can use. */
export interface Keyring {
  readonly primary: { readonly id: string; readonly kms: Kms };
  readonly keks: ReadonlyMap<string, Kms>;
  /** Those that are in the secret itself: direct envelopes are sealed under them. */
  readonly local: ReadonlyMap<string, CryptoKey>;
}

/** Makes a keyring of the vault's secret. Asks no KMS. Throws when the secret is none: the vault must not start then. */
export async function openKeyring(
  json: string,
  { fetch, now }: { readonly fetch: typeof globalThis.fetch; readonly now: () => Date },
): Promise<Keyring> {
  const { primary, keys } = parseKeyring(json);
  const local = new Map<string, CryptoKey>();
  const keks = new Map<string, Kms>();
  for (const [id, key] of Object.entries(keys)) {
    if (typeof key === 'string') {
      const imported = await importLocalKey(id, key);
      local.set(id, imported);
      keks.set(id, createLocalKms(imported));
    } else keks.set(id, key.kms === 'aws' ? createAwsKms({ key, fetch, now }) : createGoogleKms({ key, fetch, now }));
  }
  const kms = keks.get(primary);
  if (!kms) throw new Error('the primary key is not among the keys');
  return { primary: { id: primary, kms }, keks, local };
}
