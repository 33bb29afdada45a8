import { toBase64Url } from './bytes.ts';

const SALT = new TextEncoder().encode('eufm-envelope-commitment');

/**
 * A tag (HKDF-SHA-256, RFC 5869) that no second data key has: AES-GCM alone lets two keys open one ciphertext, each to
 * something else.
 */
export async function commitToKey(dataKey: Uint8Array<ArrayBuffer>, info: Uint8Array): Promise<string> {
  const key = await crypto.subtle.importKey('raw', dataKey, 'HKDF', false, ['deriveBits']);
  const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: SALT, info }, key, 256);
  return toBase64Url(new Uint8Array(bits));
}
