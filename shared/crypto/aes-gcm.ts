/** What AES-256-GCM makes of bytes: the nonce is 96 random bits, the tag is at the end of the ciphertext. */
export interface Encrypted {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** 96 random bits (NIST SP 800-38D, section 8.2.2), for one encryption. */
export function newNonce(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(12));
}

/** Encrypts under a nonce of its own, which also authenticates `additionalData`. */
export async function encryptBytes(
  key: CryptoKey,
  additionalData: Uint8Array,
  plaintext: Uint8Array,
): Promise<Encrypted> {
  const iv = newNonce();
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plaintext);
  return { iv, data: new Uint8Array(data) };
}

/** The plaintext, or null when a bit of it, of its nonce or of `additionalData` is another, or the key is. */
export async function decryptBytes(
  key: CryptoKey,
  additionalData: Uint8Array,
  { iv, data }: Encrypted,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, data));
  } catch {
    return null;
  }
}

/** A key for `encryptBytes` and `decryptBytes`, which nobody can read out again. */
export function importAesKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}
