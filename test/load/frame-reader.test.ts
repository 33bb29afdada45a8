import { expect, it } from 'vitest';
import { FrameReader, TEXT_FRAME, textFrame } from './frame-reader.ts';

/** A server's frame of a text. */
function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head =
    length < 126
      ? Buffer.from([0x81, length])
      : length < 65_536
        ? Buffer.from([0x81, 126, length >> 8, length & 0xff])
        : Buffer.from([0x81, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff]);
  return Buffer.concat([head, Buffer.from(text)]);
}

const SHORT = ['', 'a', 'x'.repeat(125), 'y'.repeat(126), 'b'];
const LONG = ['', 'z'.repeat(65_535), 'ä'.repeat(40_000), 'b'];

it.each([
  ...[1, 2, 3, 7, 100].map((size) => [size, SHORT] as const),
  ...[5_000, 70_000, 1_000_000].map((size) => [size, LONG] as const),
])('finds frames in what comes %i bytes at a time', (size, texts) => {
  const bytes = Buffer.concat(texts.map(frameOf));
  const reader = new FrameReader();
  const found: [number, string][] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const came = Buffer.from(bytes.subarray(at, at + size));
    reader.push(came, (opcode, content) => found.push([opcode, content.toString()]));
    came.fill(0); // it is used again
  }
  expect(found).toEqual(texts.map((text) => [TEXT_FRAME, text]));
});

it('writes a client’s text', () => {
  expect(textFrame('hi').toString('latin1')).toBe('\x81\x82\0\0\0\0hi');
});
