import { createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';
import { fromBase64, toBase64Url } from './bytes.ts';

const privateJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().length(43),
  d: z.string().length(43),
});

/** A key that signs, and its public half: 32 bytes, raw. */
export interface SigningKey {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** Reads a private Ed25519 key from the text of a JWK (RFC 8037). Throws when it is none; says nothing of what it is. */
export async function importSigningKey(text: string): Promise<SigningKey> {
  const { kty, crv, x, d } = readJwk(text);
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x, d }, 'Ed25519', false, ['sign']);
  return {
    publicKey: fromBase64(x) ?? new Uint8Array(),
    sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, Uint8Array.from(message))),
  };
}

/** If a signature (RFC 8032) of a message is by a public key of 32 bytes. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey) };
  return verify(null, message, createPublicKey({ key, format: 'jwk' }), signature);
}

function readJwk(text: string): z.infer<typeof privateJwk> {
  try {
    return privateJwk.parse(JSON.parse(text));
  } catch {
    throw new Error('the signing key is not a private Ed25519 key as a JWK');
  }
}
