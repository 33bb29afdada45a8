import { toBase62 } from '../crypto/base62.ts';
import { crc32 } from '../crypto/crc32.ts';
import { CHECKSUM_LENGTH } from './constants.ts';

/** Six characters that a key or token ends in: every typo of one character in what is before them changes them. */
export function checksumOf(body: string): string {
  return toBase62(BigInt(crc32(body)), CHECKSUM_LENGTH);
}

/** If a text ends in the checksum of what is before it. */
export function hasChecksum(text: string): boolean {
  return checksumOf(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}
