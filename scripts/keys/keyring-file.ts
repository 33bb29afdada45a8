import { readFileSync } from 'node:fs';
import { type KeyringText, kmsKey, parseKeyring } from '../../shared/crypto/keyring.ts';
import { writePrivateFile } from '../dev/secrets.ts';

/** A keyring file as it is to become, or why it cannot. */
export function publishKey(ring: KeyringText, id: string, key: KeyringText['keys'][string]): KeyringText {
  if (Object.hasOwn(ring.keys, id)) throw new Error(`the keyring has a key ${id} already`);
  return { ...ring, keys: { ...ring.keys, [id]: key } };
}

/** New tenant keys are wrapped by this one from the deployment on. */
export function promoteKey(ring: KeyringText, id: string): KeyringText {
  if (!Object.hasOwn(ring.keys, id)) throw new Error(`the keyring has no key ${id}: publish it first`);
  return { ...ring, primary: id };
}

/** Takes a key out. What it alone can open is lost: see that nothing is. */
export function retireKey(ring: KeyringText, id: string): KeyringText {
  if (!Object.hasOwn(ring.keys, id)) throw new Error(`the keyring has no key ${id}`);
  if (ring.primary === id) throw new Error(`${id} is the primary key: promote another first`);
  const { [id]: _, ...keys } = ring.keys;
  return { ...ring, keys };
}

/** Reads a keyring from a file. Throws when it is none. */
export function readKeyring(file: string): KeyringText {
  return parseKeyring(readFileSync(file, 'utf8'));
}

/** Reads the description of a KMS's key from a file. */
export function readKmsKey(file: string): KeyringText['keys'][string] {
  return kmsKey.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Replaces a keyring file, which its owner alone may read. */
export function writeKeyring(file: string, ring: KeyringText): void {
  writePrivateFile(file, ring);
}
