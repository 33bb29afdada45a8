import { describe, expect, it } from 'vitest';
import { BodyTooLargeError } from '../../platform/read-bounded-text.ts';
import type { ServerSentEvent } from '../contract.ts';
import { EventDecoder } from './sse.ts';

const LIMITS = { maxEventLength: 4 * 1024 * 1024, maxStreamBytes: 8 * 1024 * 1024 };

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The events of each chunk. */
function readEach(chunks: readonly (string | Uint8Array)[], limits = LIMITS): (readonly ServerSentEvent[])[] {
  const decoder = new EventDecoder(limits);
  return chunks.map((chunk) => decoder.accept(typeof chunk === 'string' ? bytesOf(chunk) : chunk));
}

function read(chunks: readonly (string | Uint8Array)[], limits = LIMITS): ServerSentEvent[] {
  return readEach(chunks, limits).flat();
}

/** Everything that the specification allows, with characters of one to four bytes. */
const TRICKY = [
  '\uFEFF: a comment',
  'data: first',
  '',
  'event: named',
  'id: 7',
  'retry:10',
  'data:no space',
  'data:  two spaces',
  'data',
  'data: é漢😀: colon',
  '',
  ':',
  'event: without data',
  '',
  'data:',
  '',
  'unknown: field',
  'data: last',
  '',
  'data: unfinished',
];
const EXPECTED = [
  { event: 'message', data: 'first' },
  { event: 'named', data: 'no space\n two spaces\n\né漢😀: colon' },
  { event: 'message', data: '' },
  { event: 'message', data: 'last' },
];

describe('R4: a byte stream of events', () => {
  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('with %s reads the same, split at every pair of offsets', (_name, lineEnd) => {
    const bytes = bytesOf(TRICKY.join(lineEnd));
    expect(read([bytes])).toEqual(EXPECTED);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const chunks = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        if (JSON.stringify(read(chunks)) === JSON.stringify(EXPECTED)) continue;
        expect.fail(`split at ${first} and ${second}`);
      }
    }
  });

  it('mixes line ends, also within one event, byte by byte', () => {
    const bytes = bytesOf('data: a\r\ndata: b\ndata: c\r\r\ndata: d\n\r\ndata: e\r\n\n');
    const events = ['a\nb\nc', 'd', 'e'].map((data) => ({ event: 'message', data }));
    expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(events);
    expect(read([bytes])).toEqual(events);
  });

  it('finds a parser out that drops what a read left over', () => {
    const forgetful = (chunks: readonly string[]) => chunks.flatMap((one) => read([one]));
    expect(forgetful(['data: whole\n\n'])).toEqual(read(['data: whole\n\n']));
    expect(forgetful(['data: ha', 'lf\n\n'])).not.toEqual(read(['data: ha', 'lf\n\n']));
  });

  it('is answered at each read, and none is held back', () => {
    const chunks = ['data: a\n\ndata: b\n\nda', 'ta: c\n', '\n', 'data: d\r\r', '\n'];
    const groups = readEach(chunks).map((group) => group.map(({ data }) => data));
    expect(groups).toEqual([['a', 'b'], [], ['c'], ['d'], []]);
  });
});

describe('R4: memory', () => {
  const megabyte = 'x'.repeat(1024 * 1024);

  it.each([1, 7, 1_400, 65_536])('an event of 1 MB reads whole from reads of %i bytes', (size) => {
    const bytes = bytesOf(`data: ${megabyte}\n\ndata: next\n\n`);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    const events = read(chunks);
    expect(events.map(({ data }) => data.length)).toEqual([megabyte.length, 4]);
  });

  it.each([
    ['a line without end', ['data: ', 'x']],
    ['data without a blank line', ['', 'data: xxx\n']],
    ['a comment without end', [': ', 'x']],
    ['an event name without end', ['event: ', 'x']],
  ])('stops at %s, long before the body does', (_name, [start = '', more = '']) => {
    const decoder = new EventDecoder({ maxEventLength: 10_000, maxStreamBytes: Number.POSITIVE_INFINITY });
    decoder.accept(bytesOf(start));
    const chunk = bytesOf(more.repeat(1_000));
    const readAll = () => {
      for (let reads = 0; reads < 30; reads++) decoder.accept(chunk);
    };
    expect(readAll).toThrow(BodyTooLargeError);
  });

  it('takes an event of exactly the limit, and none above, wherever it is split', () => {
    const limits = { ...LIMITS, maxEventLength: 'data: '.length + 10 };
    for (const size of [1, 3, 100]) {
      const split = (text: string) => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(read(split(`data: ${'x'.repeat(10)}\n\n`), limits)).toHaveLength(1);
      expect(() => read(split(`data: ${'x'.repeat(11)}\n\n`), limits)).toThrow(BodyTooLargeError);
    }
  });

  it('ends with a stream that never ends, though every event is small', () => {
    const limits = { ...LIMITS, maxStreamBytes: 10_000 };
    expect(() => read(Array(1_000).fill('data: abcdefgh\n\n'), limits)).toThrow(BodyTooLargeError);
    expect(read(Array(100).fill('data: abcdefgh\n\n'), limits)).toHaveLength(100);
  });
});
