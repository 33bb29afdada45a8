import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_EVENT_LENGTH } from '../constants.ts';
import type { StreamPart } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';
import { drain, eventStream } from '../testing/answering.ts';
import type { ChunkReducer } from './chunk-reducer.ts';
import { streamGroups, streamParts } from './stream-parts.ts';

const USAGE = { unified: { outputTokens: 3 }, raw: { output: 3 } };
const FINISH: StreamPart = { type: 'finish', finishReason: 'stop', rawFinishReason: 'end', usage: USAGE };
const text = (said: string): StreamPart => ({ type: 'text-delta', text: said });
const isTerminal = ({ type }: StreamPart) => type === 'finish' || type === 'stream-error';

/** Says what it is sent; a few words are commands. */
function echo(end: readonly StreamPart[] | null = null): ChunkReducer {
  return {
    accept({ data }) {
      if (data === 'FINISH') return [text('bye'), FINISH, text('never seen')];
      if (data === 'OVERLOADED') throw ProviderError.of('overloaded', 'the vendor says so');
      if (data === 'GARBLED') JSON.parse('{');
      if (data === 'PING') return [];
      return [text(data)];
    },
    end: () => end,
    usage: () => USAGE,
  };
}

const bytesOf = (response: Response) => (response.body ?? new Blob().stream()).getReader();

function stream(response: Response, reducer = echo(), abortSignal = new AbortController().signal) {
  return streamParts({ provider: 'openai', bytes: bytesOf(response), reducer, abortSignal });
}

const events = (...data: string[]) => data.map((each) => `data: ${each}\n\n`);
const failingWith = (kind: string) => ({ type: 'stream-error', error: { kind }, usage: USAGE });

/** A body that sends the chunks and then breaks. */
function breaking(chunks: readonly string[], failure: unknown): Response {
  const rest = chunks.values();
  const encoder = new TextEncoder();
  return new Response(
    new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const { value, done } = rest.next();
          if (done) controller.error(failure);
          else controller.enqueue(encoder.encode(value));
        },
      },
      { highWaterMark: 0 },
    ),
  );
}

describe('the parts of a stream', () => {
  it('end with the finish, and nothing that follows it is read or told', async () => {
    const chunks = events('a', 'FINISH', 'b');
    const parts = (await drain(stream(eventStream([chunks.join('')])))).flat();
    expect(parts).toEqual([text('a'), text('bye'), FINISH]);
  });

  it('come in the groups of the network, and a read of nothing is no group', async () => {
    const chunks = [events('a', 'b').join(''), ...events('PING'), ': keep alive\n\n', ...events('FINISH')];
    expect(await drain(stream(eventStream(chunks)))).toEqual([
      [text('a'), text('b')],
      [text('bye'), FINISH],
    ]);
  });

  it('are completed by the end of the body where the reducer says so', async () => {
    const parts = (await drain(stream(eventStream(events('a')), echo([text('z'), FINISH])))).flat();
    expect(parts).toEqual([text('a'), text('z'), FINISH]);
  });

  it.each([
    ['ends early', eventStream(events('a')), 'upstream-cut'],
    ['ends within an event', eventStream([...events('a'), 'data: FINISH\n']), 'upstream-cut'],
    ['breaks', breaking(events('a'), new TypeError('terminated')), 'upstream-cut'],
    ['breaks in workerd', breaking(events('a'), new Error('Network connection lost.')), 'upstream-cut'],
    ['falls silent', breaking(events('a'), new DOMException('late', 'TimeoutError')), 'timeout'],
    ['has an error event', eventStream(events('a', 'OVERLOADED', 'b')), 'overloaded'],
    ['has an event that cannot be read', eventStream(events('a', 'GARBLED')), 'bad-response'],
    ['has too large an event', eventStream([...events('a'), `data: ${'x'.repeat(MAX_EVENT_LENGTH)}`]), 'bad-response'],
  ])('end with one error and the usage seen when the body %s', async (_name, response, kind) => {
    expect((await drain(stream(response))).flat()).toMatchObject([text('a'), failingWith(kind)]);
  });

  it('are an error alone when the body is empty', async () => {
    expect((await drain(stream(new Response(null)))).flat()).toMatchObject([failingWith('upstream-cut')]);
  });

  it('keep what a read brought before its error event', async () => {
    const groups = await drain(stream(eventStream([events('a', 'OVERLOADED').join('')])));
    expect(groups).toMatchObject([[text('a'), failingWith('overloaded')]]);
  });

  it.each([
    ['canceled', undefined],
    ['timeout', new DOMException('late', 'TimeoutError')],
  ])('end as %s when the signal says so', async (kind, reason) => {
    const controller = new AbortController();
    const broken = breaking(events('a'), new Error('whatever the runtime says'));
    const groups = stream(broken, echo(), controller.signal);
    expect((await groups.next()).value).toEqual([text('a')]);
    controller.abort(reason);
    expect((await groups.next()).value).toMatchObject([
      { ...failingWith(kind), error: { kind, billing: 'maybe-billed' } },
    ]);
    expect(await groups.next()).toEqual({ value: undefined, done: true });
  });

  it('cancel the body when their consumer leaves, and read it no further', async () => {
    const seen = { pulls: 0, isCanceled: false };
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          seen.pulls++;
          controller.enqueue(new TextEncoder().encode(events('a').join('')));
        },
        cancel() {
          seen.isCanceled = true;
        },
      },
      { highWaterMark: 0 },
    );
    for await (const _group of stream(new Response(body))) break;
    expect(seen).toEqual({ pulls: 1, isCanceled: true });
  });

  it('have exactly one end, whatever comes', async () => {
    const word = fc.oneof(
      fc.constantFrom('FINISH', 'OVERLOADED', 'GARBLED', 'PING'),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    );
    const input = fc.record({
      bytes: fc.array(
        fc.oneof(
          word.map((data) => `data: ${data}\n\n`),
          fc.string(),
        ),
        { maxLength: 8 },
      ),
      size: fc.integer({ min: 1, max: 20 }),
      failure: fc.option(fc.constantFrom(new TypeError('terminated'), new DOMException('late', 'TimeoutError'), 'odd')),
      end: fc.constantFrom(null, [], [FINISH], [text('z'), FINISH, FINISH], [text('z')]),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ bytes, size, failure, end }) => {
        const chunks = bytes.join('').match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];
        const response = failure === null ? eventStream(chunks) : breaking(chunks, failure);
        const parts = (await drain(stream(response, echo(end)))).flat();
        expect(parts.filter(isTerminal)).toHaveLength(1);
        expect(isTerminal(parts.at(-1) ?? text(''))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('stand beside the events that they are, which are told whatever becomes of them', async () => {
    const groupsOf = async (...chunks: string[]) => {
      const bytes = bytesOf(eventStream(chunks));
      const { signal: abortSignal } = new AbortController();
      const groups = await drain(streamGroups({ provider: 'openai', bytes, reducer: echo(), abortSignal }));
      return groups.map(({ events: told, parts }) => [told.map(({ data }) => data), parts]);
    };
    const reads = [events('a', 'PING').join(''), ...events('PING'), ': keep alive\n\n'];
    const before = [
      [['a', 'PING'], [text('a')]],
      [['PING'], []],
    ];
    expect(await groupsOf(...reads, events('b', 'FINISH', 'c').join(''))).toEqual([
      ...before,
      [
        ['b', 'FINISH', 'c'],
        [text('b'), text('bye'), FINISH],
      ],
    ]);
    expect(await groupsOf(...reads, events('b', 'OVERLOADED', 'c').join(''))).toMatchObject([
      ...before,
      [
        ['b', 'OVERLOADED', 'c'],
        [text('b'), failingWith('overloaded')],
      ],
    ]);
    expect(await groupsOf(...reads)).toMatchObject([...before, [[], [failingWith('upstream-cut')]]]);
  });

  it('have none when a reducer is driven without care', () => {
    const careless = ['a', 'b'].flatMap((data) => echo().accept({ event: 'message', data }));
    expect(careless.filter(isTerminal)).toEqual([]);
  });
});
