import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReportedUsage, StreamPart } from '../../shared/providers/contract.ts';
import type { ChunkReducer } from '../../shared/providers/http/chunk-reducer.ts';
import { streamParts } from '../../shared/providers/http/stream-parts.ts';
import { collect } from '../../shared/providers/testing/answering.ts';
import { assemble } from './answer.ts';
import { play } from './fixture-conformance.ts';
import { type Fixture, fixturesOf, responseOf, STREAMS } from './fixtures.ts';
import { breakAfter, MisbehavingVendor } from './misbehaving-vendor.ts';
import { saying } from './requests.ts';
import { callOptions, SUBJECTS, type Subject } from './subjects.ts';
import { unpooledFetch } from './vendor-mock.ts';

const NO_USAGE: ReportedUsage = { unified: undefined, raw: undefined };
const EVENT_STREAM = { headers: { 'content-type': 'text/event-stream' } };

const CASES = SUBJECTS.flatMap((subject) =>
  STREAMS.filter(({ provider }) => provider === subject.adapter.provider).map((fixture) => ({ subject, fixture })),
).map(({ subject, fixture }) => [`${subject.name}, ${fixture.name}`, subject, fixture] as const);

/** A stream that was cut never ends as if it had not been, and tells the usage that it saw. */
function expectCut(parts: readonly StreamPart[]): void {
  const updates = parts.flatMap((part) => (part.type === 'usage-update' ? [part.usage] : []));
  expect(parts.at(-1)).toEqual({
    type: 'stream-error',
    error: expect.objectContaining({ kind: 'upstream-cut', retry: 'same-provider', billing: 'maybe-billed' }),
    usage: updates.at(-1) ?? NO_USAGE,
  });
  expect(parts.filter(({ type }) => type === 'finish' || type === 'stream-error')).toHaveLength(1);
  const hasOutput = parts.some(({ type }) => type === 'text-delta' || type === 'reasoning-delta');
  if (hasOutput) expect(updates.at(-1)?.unified?.outputTokens, 'tokens of what was said').not.toBe(0);
}

/** An OpenAI reducer as one is tempted to write it: done at the finish reason, deaf to errors. */
function careless(): ChunkReducer {
  return {
    accept({ data }) {
      const { choices = [] } = data === '[DONE]' ? {} : JSON.parse(data);
      if (choices[0]?.finish_reason !== 'stop') return [];
      return [{ type: 'finish', finishReason: 'stop', rawFinishReason: 'stop', usage: NO_USAGE }];
    },
    end: () => [{ type: 'finish', finishReason: 'unknown', rawFinishReason: null, usage: NO_USAGE }],
    usage: () => NO_USAGE,
  };
}

function drive(reducer: ChunkReducer, response: Response): Promise<StreamPart[]> {
  const { signal: abortSignal } = new AbortController();
  const bytes = (response.body ?? new Blob().stream()).getReader();
  return collect({ parts: streamParts({ provider: 'openai', bytes, reducer, abortSignal }) });
}

function fixtureNamed(provider: 'openai', name: string): Fixture {
  const found = fixturesOf(provider).find((fixture) => fixture.name === name);
  if (!found) throw new Error(`no fixture ${name}`);
  return found;
}

const OPENAI_TEXT = fixtureNamed('openai', 'text.sse');
const eventsOf = ({ body }: Fixture) => body.split(/(?<=\n\n)/);

describe('R1: a stream that the vendor cuts', () => {
  let vendor: MisbehavingVendor;
  beforeAll(async () => {
    vendor = await new MisbehavingVendor().start();
  });
  afterAll(async () => {
    await vendor[Symbol.asyncDispose]();
  });

  async function cutAfter(subject: Subject, events: readonly string[]): Promise<StreamPart[]> {
    vendor.misbehaviour = breakAfter(events, EVENT_STREAM);
    const options = callOptions(subject, { origin: () => vendor.origin, fetch: unpooledFetch });
    return await collect(await subject.adapter.stream(saying('hi'), options));
  }

  it.each(CASES)('after each of its chunks, is cut: %s', async (_name, subject, fixture) => {
    const events = eventsOf(fixture);
    for (let count = 1; count < events.length; count++) expectCut(await cutAfter(subject, events.slice(0, count)));
  });

  it('is complete when it is cut after its end', async () => {
    const [subject] = SUBJECTS;
    if (!subject) throw new Error('unreachable: there are subjects');
    expect(assemble(await cutAfter(subject, eventsOf(OPENAI_TEXT)))).toEqual(OPENAI_TEXT.expected);
  });

  it('at each of its bytes, is cut or whole, and never half an answer', async () => {
    for (const [name, subject, fixture] of CASES) {
      const bytes = new TextEncoder().encode(fixture.body);
      for (let end = 0; end < bytes.length; end++) {
        const outcome = await play(subject, fixture, responseOf(fixture, [bytes.subarray(0, end)]));
        if ('error' in outcome && 'usage' in outcome) continue;
        expect(outcome, `${name} cut at ${end}`).toEqual(fixture.expected);
      }
    }
  });

  it('is taken for whole by a reducer that trusts the finish reason', async () => {
    const parts = await drive(careless(), responseOf(OPENAI_TEXT, eventsOf(OPENAI_TEXT).slice(0, 4)));
    expect(() => expectCut(parts)).toThrow();
  });
});

describe('R3: an error event inside a 200 stream', () => {
  const failing = SUBJECTS.flatMap((subject) =>
    fixturesOf(subject.adapter.provider)
      .filter(({ name }) => name === 'error.sse')
      .map((fixture) => [subject.name, subject, fixture] as const),
  );

  it('is in the fixtures of every provider', () => {
    expect(failing).toHaveLength(SUBJECTS.length);
  });

  it.each(failing)('is the error of the stream: %s', async (_name, subject, fixture) => {
    const outcome = await play(subject, fixture);
    expect(outcome).toMatchObject({ type: 'stream-error', ...fixture.expected });
  });

  it('is a success to a reducer that does not look for it', async () => {
    const [last] = (await drive(careless(), responseOf(fixtureNamed('openai', 'error.sse')))).slice(-1);
    expect(last?.type).toBe('finish');
  });
});

describe('R4: the bytes of a stream', () => {
  it.each(CASES)('make the same answer wherever they are split: %s', async (_name, subject, fixture) => {
    const bytes = new TextEncoder().encode(fixture.body);
    for (let at = 0; at <= bytes.length; at++) {
      const outcome = await play(subject, fixture, responseOf(fixture, [bytes.subarray(0, at), bytes.subarray(at)]));
      expect(outcome, `split at ${at}`).toEqual(fixture.expected);
    }
  });

  it.each(['\r\n', '\r'])('make the same answer with %j for line ends', async (lineEnd) => {
    for (const [name, subject, fixture] of CASES) {
      const outcome = await play(subject, fixture, responseOf(fixture, [fixture.body.replaceAll('\n', lineEnd)]));
      expect(outcome, name).toEqual(fixture.expected);
    }
  });
});

describe('R6: usage after the finish reason', () => {
  const late = CASES.filter(([, , { body }]) => /"choices":\[\],"usage":\{/.test(body));

  it('is counted in every stream that has it', async () => {
    expect(late.length).toBeGreaterThanOrEqual(3);
    for (const [name, subject, fixture] of late) {
      expect(await play(subject, fixture, responseOf(fixture, eventsOf(fixture))), name).toMatchObject({
        usage: fixture.expected.usage,
        finishReason: fixture.expected.finishReason,
      });
    }
  });

  it('is lost to a reducer that stops at the finish reason', async () => {
    const last = (await drive(careless(), responseOf(OPENAI_TEXT))).at(-1);
    expect(last).toMatchObject({ type: 'finish', usage: NO_USAGE });
  });
});
