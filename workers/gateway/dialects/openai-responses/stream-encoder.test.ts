import fc from 'fast-check';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import { openAiResponseEvent } from '../../../../shared/contracts/http/openai/responses.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import type { StreamPart, ToolCall } from '../../../../shared/providers/contract.ts';
import { ProviderError } from '../../../../shared/providers/provider-error.ts';
import { StreamAnswer } from '../../pipeline/stream-answer.ts';
import { signedId } from '../signed-ids.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { clientAnswered, created, encode, response, START, streamed, taken } from './testing/fixtures.ts';

const NO_USAGE = { unified: undefined, raw: undefined };
const ERROR: DomainError = {
  code: 'provider_stream_cut',
  detail: 'The provider’s stream broke off.',
  errors: [{ pointer: '/input/0', detail: 'x' }],
};

const START_PART: StreamPart = { type: 'response-start', responseModel: 'm' };
const FINISH: StreamPart = { type: 'finish', finishReason: 'stop', rawFinishReason: null, usage: NO_USAGE };
const text = (part: string): StreamPart => ({ type: 'text-delta', text: part });
const thought = (part: string): StreamPart => ({ type: 'reasoning-delta', text: part });
const thoughtEnd = (signature?: string): StreamPart => ({ type: 'reasoning-end', ...(signature && { signature }) });
const callStart = ({ id, name }: ToolCall): StreamPart => ({ type: 'tool-call-start', id, name });
const callDelta = (id: string, argumentsDelta: string): StreamPart => ({ type: 'tool-call-delta', id, argumentsDelta });
const callEnd = (call: ToolCall): StreamPart => ({ type: 'tool-call-end', call });
const source = (url: string): StreamPart => ({ type: 'source', source: { url, title: url } });

const A: ToolCall = { id: 'a', name: 'f', arguments: '{"q":"1"}' };
const B: ToolCall = { id: 'b', name: 'g', arguments: '{}' };

/** What the pipeline says of the parts when they have ended. */
function endedBy(parts: readonly StreamPart[], over: Parameters<typeof response>[1] = {}) {
  const answer = new StreamAnswer();
  for (const part of parts) answer.accept(part);
  const { message, finishReason, rawFinishReason, sources } = answer.toResult();
  const { role, content, reasoning, toolCalls } = message;
  return response(
    {
      role,
      content,
      ...(reasoning && { reasoning: [...reasoning] }),
      ...(toolCalls && { toolCalls: [...toolCalls] }),
    },
    { finishReason, rawFinishReason, ...(sources && { sources: [...sources] }), ...over },
  );
}

/** Events of a stream's text, as they are on the wire. */
function eventsIn(encoded: string): ResponseStreamEvent[] {
  return encoded
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
      const parsed = JSON.parse(data ?? '');
      expect(parsed.type).toBe(name);
      expect(openAiResponseEvent.safeParse(parsed).error).toBeUndefined();
      return parsed;
    });
}

const typesIn = (encoded: string) => eventsIn(encoded).map(({ type }) => type.replace('response.', ''));

const EVERYTHING: StreamPart[] = [
  START_PART,
  { type: 'usage-update', usage: NO_USAGE },
  source('https://early.example'),
  thought('Hm'),
  thought('.'),
  thoughtEnd('proof'),
  thoughtEnd('hidden'),
  text('Hello '),
  text('"world"\n'),
  source('https://late.example'),
  callStart(A),
  callDelta('a', '{"q":'),
  callStart(B),
  callDelta('a', '"1"}'),
  callEnd(B),
  callEnd(A),
  { ...FINISH, finishReason: 'tool-calls' },
];

describe('a stream of a response', () => {
  it('comes to what the whole answer is, with every kind of part', async () => {
    const ended = endedBy(EVERYTHING);
    const whole = await created(ended);
    const encoded = encode([EVERYTHING], ended);
    const final = await streamed(encoded).finalResponse();
    expect(final.output_text).toBe('Hello "world"\n');
    expect({ ...final, output: [] }).toMatchObject({ ...whole, output: [] });
    expect(final.output.map((item) => ({ ...item, parsed: undefined }))).toMatchObject([
      ...whole.output.slice(0, 2),
      { ...whole.output[2], content: [{ text: 'Hello "world"\n', annotations: [{}, {}] }] },
      { type: 'function_call', call_id: 'a', name: 'f', arguments: A.arguments, status: 'completed' },
      { type: 'function_call', call_id: 'b', name: 'g', arguments: B.arguments, status: 'completed' },
    ]);
  });

  it('has the API’s events in the API’s order, numbered without a gap', () => {
    const events = eventsIn(encode([EVERYTHING], endedBy(EVERYTHING)));
    expect(events.map((event) => event.sequence_number)).toStrictEqual(events.map((_, index) => index));
    expect(
      events.map((event) => [
        event.type.replace('response.', ''),
        ...('output_index' in event ? [event.output_index] : []),
      ]),
    ).toStrictEqual([
      ['created'],
      ['in_progress'],
      ['output_item.added', 0],
      ['reasoning_summary_part.added', 0],
      ['reasoning_summary_text.delta', 0],
      ['reasoning_summary_text.delta', 0],
      ['reasoning_summary_text.done', 0],
      ['reasoning_summary_part.done', 0],
      ['output_item.done', 0],
      ['output_item.added', 1],
      ['output_item.done', 1],
      ['output_item.added', 2],
      ['content_part.added', 2],
      ['output_text.annotation.added', 2],
      ['output_text.delta', 2],
      ['output_text.delta', 2],
      ['output_text.annotation.added', 2],
      ['output_text.done', 2],
      ['content_part.done', 2],
      ['output_item.done', 2],
      ['output_item.added', 3],
      ['function_call_arguments.delta', 3],
      ['output_item.added', 4],
      ['function_call_arguments.delta', 3],
      ['function_call_arguments.delta', 4],
      ['function_call_arguments.done', 4],
      ['output_item.done', 4],
      ['function_call_arguments.done', 3],
      ['output_item.done', 3],
      ['completed'],
    ]);
  });

  it('tells of the items as they are, from their opening to their end', async () => {
    const seen: unknown[] = [];
    const stream = streamed(encode([EVERYTHING], endedBy(EVERYTHING)));
    for await (const event of stream) if (event.type === 'response.output_item.done') seen.push(event.item);
    const { output } = await stream.finalResponse();
    expect(seen).toHaveLength(5);
    expect([output[0], output[1], output[2], output[4], output[3]]).toMatchObject(seen);
  });

  it('says the same however the network split it', () => {
    const ended = endedBy(EVERYTHING);
    const once = encode([EVERYTHING], ended);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: EVERYTHING.length })), (cuts) => {
        const places = [0, ...cuts.toSorted((one, other) => one - other), EVERYTHING.length];
        const groups = places.slice(1).map((place, index) => EVERYTHING.slice(places[index], place));
        expect(encode(groups, ended)).toBe(once);
      }),
    );
  });

  it('comes to the whole answer for any mix of parts', async () => {
    const piece = fc.oneof(
      fc.string().map(text),
      fc.string({ minLength: 1 }).map(thought),
      fc.constantFrom(thoughtEnd('proof'), source('https://a.example')),
      fc.uuid().map((id): StreamPart[] => [callStart({ ...A, id }), callEnd({ ...A, id })]),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const parts = pieces.flat();
        const ended = endedBy(parts);
        const final = await streamed(encode([parts], ended)).finalResponse();
        const whole = await created(ended);
        const kinds = (items: typeof whole.output, type: string) => items.filter((item) => item.type === type);
        expect(final.output_text).toBe(whole.output_text);
        expect(thoughtsOf(final.output)).toStrictEqual(thoughtsOf(whole.output));
        expect(kinds(final.output, 'function_call')).toHaveLength(kinds(whole.output, 'function_call').length);
        expect(citesOf(final.output)).toBe(citesOf(whole.output));
      }),
      { numRuns: 60 },
    );
  });

  it('writes the signature of a call into its id when it comes with the call', async () => {
    const signed = { ...A, signature: 'sig' };
    const parts = [callStart(signed), callDelta('a', A.arguments), callEnd(signed), FINISH];
    const together = await streamed(encode([parts], endedBy(parts))).finalResponse();
    const apart = await streamed(
      encode(
        parts.map((part) => [part]),
        endedBy(parts),
      ),
    ).finalResponse();
    expect(together.output).toMatchObject([{ call_id: signedId(signed), arguments: A.arguments }]);
    expect(apart.output).toMatchObject([{ call_id: 'a', arguments: A.arguments }]);
  });

  it('ends a text where a thought begins, and opens another one behind it', () => {
    const parts = [text('a'), thought('b'), thoughtEnd(), text('c'), FINISH];
    const items = eventsIn(encode([parts], endedBy(parts))).flatMap((event) =>
      event.type === 'response.output_item.added' || event.type === 'response.output_item.done'
        ? [[event.type.replace('response.output_item.', ''), event.item.type]]
        : [],
    );
    expect(items).toStrictEqual([
      ['added', 'message'],
      ['done', 'message'],
      ['added', 'reasoning'],
      ['done', 'reasoning'],
      ['added', 'message'],
      ['done', 'message'],
    ]);
  });

  it('has a source that comes after the text in its last event', async () => {
    const parts = [text('a'), callStart(B), callEnd(B), source('https://a.example'), FINISH];
    const encoded = encode([parts], endedBy(parts));
    expect(typesIn(encoded)).not.toContain('output_text.annotation.added');
    expect((await streamed(encoded).finalResponse()).output[0]).toMatchObject({
      content: [{ annotations: [{ url: 'https://a.example' }] }],
    });
  });

  it('that was cut at its limit ends in response.incomplete, its text and open call too', async () => {
    const parts: StreamPart[] = [
      callStart(A),
      callDelta('a', '{"q'),
      text('Hel'),
      { ...FINISH, finishReason: 'length' },
    ];
    const encoded = encode([parts], endedBy(parts));
    expect(typesIn(encoded).at(-1)).toBe('incomplete');
    expect(await streamed(encoded).finalResponse()).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [
        { type: 'function_call', arguments: '{"q', status: 'incomplete' },
        { type: 'message', status: 'incomplete' },
      ],
    });
  });

  it('that the model ended by an error ends in response.failed', () => {
    const parts: StreamPart[] = [{ ...FINISH, finishReason: 'error', rawFinishReason: 'MALFORMED_FUNCTION_CALL' }];
    const last = eventsIn(encode([parts], endedBy(parts))).at(-1);
    expect(last).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error' } },
    });
  });

  it('is open from its first event on, and repeats what the request set', () => {
    const [first] = eventsIn(encode([], response({}), { temperature: 0.1, instructions: 'Be kind.' }));
    expect(first).toMatchObject({
      type: 'response.created',
      response: { status: 'in_progress', output: [], temperature: 0.1, instructions: 'Be kind.', model: START.model },
    });
    expect(first).not.toHaveProperty('response.usage');
  });

  it('that fails ends in one error event, which the client throws', async () => {
    const encoder = createStreamEncoder({ echo: taken({ input: 'hi' }).echo });
    const failed: StreamPart = {
      type: 'stream-error',
      error: ProviderError.of('upstream-cut', 'cut'),
      usage: NO_USAGE,
    };
    const opening = encoder.start(START) + encoder.parts([text('a'), failed]);
    const end = encoder.end({ event: 'failed', error: ERROR, response: response({ content: 'a' }) });
    expect(eventsIn(end)).toStrictEqual([
      {
        type: 'error',
        code: 'provider_stream_cut',
        message: ERROR.detail,
        param: 'input[0]',
        sequence_number: eventsIn(opening).length,
      },
    ]);
    await expect(streamed(opening + end).finalResponse()).rejects.toMatchObject({ code: 'provider_stream_cut' });
    const raw = await clientAnswered(opening + end, 'text/event-stream').responses.create({ model: 'm', stream: true });
    const readAll = async () => {
      for await (const { type } of raw) expect(type).not.toBe('response.completed');
    };
    await expect(readAll()).rejects.toThrow(ERROR.detail);
  });

  it('has the same error event apart', () => {
    const encoder = createStreamEncoder({ echo: taken({ input: 'hi' }).echo });
    expect(eventsIn(encoder.failure(ERROR, START.requestId))).toMatchObject([{ type: 'error', sequence_number: 0 }]);
  });
});

type Output = Awaited<ReturnType<typeof created>>['output'];

function thoughtsOf(items: Output) {
  return items.flatMap((item) => (item.type === 'reasoning' ? [[item.summary, item.encrypted_content]] : []));
}

function citesOf(items: Output) {
  return items
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .reduce((sum, part) => sum + (part.type === 'output_text' ? part.annotations.length : 0), 0);
}
