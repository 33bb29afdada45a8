import { expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

it.each([
  ['the check value', bytesOf('123456789'), 0xe3069283],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['32 ascending', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  ['32 descending', Uint8Array.from({ length: 32 }, (_, at) => 31 - at), 0x113fdb5c],
])('is as RFC 3720 has it: %s', (_name, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});
