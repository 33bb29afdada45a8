import { createHash } from 'node:crypto';

/** SHA-256, at once: for what hashes many short things in a row, which a promise for each would slow down. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}
