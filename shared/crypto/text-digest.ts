import { toHex } from './bytes.ts';

/** The SHA-256 of a text's UTF-8 bytes. */
export async function digestOf(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

/** The same, in hexadecimal. */
export async function hexDigestOf(text: string): Promise<string> {
  return toHex(await digestOf(text));
}
