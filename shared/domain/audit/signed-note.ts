import type { Sha256 } from './merkle-tree.ts';

/** Of Ed25519 keys, as https://c2sp.org/signed-note numbers them. */
const ED25519 = 1;
const KEY_ID_LENGTH = 4;
const SIGNATURE_LENGTH = 64;
/** An em dash begins a line with a signature. */
const SIGNATURE_LINE = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/;

/** Whose signature it is: a name, and a raw Ed25519 key of 32 bytes. */
export interface NoteKey {
  readonly name: string;
  readonly publicKey: Uint8Array;
}

/** Ed25519, given by whoever calls. */
export type VerifyEd25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** A text with a key's signature, as https://c2sp.org/signed-note has it. The text ends with a line break. */
export async function signNote(
  sha256: Sha256,
  key: NoteKey,
  text: string,
  sign: (message: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  const signature = await sign(new TextEncoder().encode(text));
  return `${text}\n— ${key.name} ${toBase64(new Uint8Array([...keyId(sha256, key), ...signature]))}\n`;
}

/**
 * The text of a note that a key has signed; null when it has not, or the note is not one. Signatures of others are passed
 * over; a second one by the same key is not asked for.
 */
export function openNote(sha256: Sha256, key: NoteKey, note: string, verify: VerifyEd25519): string | null {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return null;
  const text = note.slice(0, end + 1);
  const lines = note
    .slice(end + 2, -1)
    .split('\n')
    .map(readSignature);
  if (lines.includes(null)) return null;
  const id = toBase64(keyId(sha256, key));
  const own = lines.find((line) => line?.name === key.name && line.keyId === id);
  if (own?.signature.length !== SIGNATURE_LENGTH) return null;
  return verify(key.publicKey, new TextEncoder().encode(text), own.signature) ? text : null;
}

function readSignature(line: string) {
  const [, name, encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (name === undefined || bytes === null) return null;
  return { name, keyId: toBase64(bytes.subarray(0, KEY_ID_LENGTH)), signature: bytes.subarray(KEY_ID_LENGTH) };
}

/** What tells a key from others of its name. */
function keyId(sha256: Sha256, { name, publicKey }: NoteKey): Uint8Array {
  const named = new TextEncoder().encode(`${name}\n`);
  return sha256(new Uint8Array([...named, ED25519, ...publicKey])).subarray(0, KEY_ID_LENGTH);
}

/** Bytes as base64 (RFC 4648, section 4), with padding. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Reads base64; null when the text is none, or not written as `toBase64` would: no two texts are read as the same bytes. */
export function fromBase64(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}
