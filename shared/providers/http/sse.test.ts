import { describe, expect, it } from 'vitest';
import { drain, eventStream } from '../testing/answering.ts';
import type { ServerSentEvent } from './chunk-reducer.ts';
import { BodyTooLargeError } from './read-text.ts';
import { readEvents } from './sse.ts';

const LIMITS = { maxEventLength: 4 * 1024 * 1024, maxStreamBytes: 8 * 1024 * 1024 };

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function bodyOf(chunks: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return eventStream(chunks).body ?? new ReadableStream();
}

async function read(chunks: readonly (string | Uint8Array)[], limits = LIMITS): Promise<ServerSentEvent[]> {
  return (await drain(readEvents(bodyOf(chunks), limits))).flat();
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
  ])('with %s reads the same, split at every pair of offsets', async (_name, lineEnd) => {
    const bytes = bytesOf(TRICKY.join(lineEnd));
    expect(await read([bytes])).toEqual(EXPECTED);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const chunks = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        if (JSON.stringify(await read(chunks)) === JSON.stringify(EXPECTED)) continue;
        expect.fail(`split at ${first} and ${second}`);
      }
    }
  });

  it('mixes line ends, also within one event, byte by byte', async () => {
    const bytes = bytesOf('data: a\r\ndata: b\ndata: c\r\r\ndata: d\n\r\ndata: e\r\n\n');
    const events = ['a\nb\nc', 'd', 'e'].map((data) => ({ event: 'message', data }));
    expect(await read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(events);
    expect(await read([bytes])).toEqual(events);
  });

  it('finds a parser out that drops what a read left over', async () => {
    const forgetful = async (chunks: readonly string[]) => (await Promise.all(chunks.map((one) => read([one])))).flat();
    expect(await forgetful(['data: whole\n\n'])).toEqual(await read(['data: whole\n\n']));
    expect(await forgetful(['data: ha', 'lf\n\n'])).not.toEqual(await read(['data: ha', 'lf\n\n']));
  });

  it('is answered in one group a read, and none is held back', async () => {
    const chunks = ['data: a\n\ndata: b\n\nda', 'ta: c\n', '\n', 'data: d\r\r', '\n'];
    const groups = await drain(readEvents(bodyOf(chunks), LIMITS));
    expect(groups.map((group) => group.map(({ data }) => data))).toEqual([['a', 'b'], ['c'], ['d']]);
  });
});

describe('R4: memory', () => {
  const megabyte = 'x'.repeat(1024 * 1024);

  it.each([1, 7, 1_400, 65_536])('an event of 1 MB reads whole from reads of %i bytes', async (size) => {
    const bytes = bytesOf(`data: ${megabyte}\n\ndata: next\n\n`);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    const events = await read(chunks);
    expect(events.map(({ data }) => data.length)).toEqual([megabyte.length, 4]);
  });

  it.each([
    ['a line without end', ['data: ', 'x']],
    ['data without a blank line', ['', 'data: xxx\n']],
    ['a comment without end', [': ', 'x']],
    ['an event name without end', ['event: ', 'x']],
  ])('stops at %s, long before the body does', async (_name, [start = '', more = '']) => {
    let reads = 0;
    const chunk = bytesOf(more.repeat(1_000));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytesOf(start)),
      pull(controller) {
        if (++reads > 1_000) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const events = readEvents(body, { maxEventLength: 10_000, maxStreamBytes: Number.POSITIVE_INFINITY });
    await expect(drain(events)).rejects.toThrow(BodyTooLargeError);
    expect(reads).toBeLessThan(30);
  });

  it('takes an event of exactly the limit, and none above, wherever it is split', async () => {
    const limits = { ...LIMITS, maxEventLength: 'data: '.length + 10 };
    for (const size of [1, 3, 100]) {
      const split = (text: string) => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(await read(split(`data: ${'x'.repeat(10)}\n\n`), limits)).toHaveLength(1);
      await expect(read(split(`data: ${'x'.repeat(11)}\n\n`), limits)).rejects.toThrow(BodyTooLargeError);
    }
  });

  it('ends with a stream that never ends, though every event is small', async () => {
    const limits = { ...LIMITS, maxStreamBytes: 10_000 };
    await expect(read(Array(1_000).fill('data: abcdefgh\n\n'), limits)).rejects.toThrow(BodyTooLargeError);
    expect(await read(Array(100).fill('data: abcdefgh\n\n'), limits)).toHaveLength(100);
  });
});

describe('a body of events', () => {
  it('is canceled when the reader leaves, and read no further', async () => {
    const seen = { pulls: 0, isCanceled: false };
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          seen.pulls++;
          controller.enqueue(bytesOf('data: x\n\n'));
        },
        cancel() {
          seen.isCanceled = true;
        },
      },
      { highWaterMark: 0 },
    );
    for await (const _group of readEvents(body, LIMITS)) break;
    expect(seen).toEqual({ pulls: 1, isCanceled: true });
  });

  it('that breaks throws what broke it, after what came before', async () => {
    const broken = new TypeError('terminated');
    let reads = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (reads++ === 0) controller.enqueue(bytesOf('data: x\n\n'));
        else controller.error(broken);
      },
    });
    const events = readEvents(body, LIMITS);
    expect((await events.next()).value).toHaveLength(1);
    await expect(events.next()).rejects.toBe(broken);
  });
});
