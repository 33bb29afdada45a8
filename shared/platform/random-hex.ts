/** Drawn at a time: a call of the system's generator costs as much as all else of many ids. */
const BLOCK_BYTES = 1024;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

let block = '';
let used = 0;

/** Random bytes, up to 1,024 of them, of cryptographic quality as hexadecimal text. */
export function randomHex(bytes: number): string {
  const length = 2 * bytes;
  if (used + length > block.length) {
    block = '';
    for (const byte of crypto.getRandomValues(new Uint8Array(BLOCK_BYTES))) block += HEX[byte];
    used = 0;
  }
  used += length;
  return block.slice(used - length, used);
}
