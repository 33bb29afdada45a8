import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { openAiChatCompletionChunk } from '../../../../shared/contracts/http/openai/chat-completions.ts';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import type { StreamPart } from '../../../../shared/providers/contract.ts';
import { ProviderError } from '../../../../shared/providers/provider-error.ts';
import type { ChatOutput } from '../chat-output.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { writeAnswer } from './write-answer.ts';

const START = {
  requestId: '0198c0de-0000-7000-8000-000000000001',
  provider: 'google',
  model: 'gemini "x"',
  traceId: 't',
  startedAt: 1_700_000_000_999,
} as const;
const ERROR: DomainError = { code: 'provider_stream_cut', detail: 'The provider’s stream broke off.' };
const NO_USAGE = { unified: undefined, raw: undefined };

function answer(output: Partial<ChatOutput>): OrchestrateResponse {
  const { requestId, provider, model } = START;
  const message = { role: 'assistant' as const, content: '' };
  return {
    requestId,
    provider,
    model,
    status: 'completed',
    output: { message, finishReason: 'stop', rawFinishReason: null, ...output },
    costUsd: null,
    latencyMs: 1,
    usage: { inputTokens: 3, outputTokens: 2, reasoningTokens: 1 },
    rawUsage: null,
    trace: { traceId: 't' },
    warnings: [],
  };
}

/** The whole text of a stream that brings `groups` and completes with `response`. */
function encode(
  groups: readonly (readonly StreamPart[])[],
  response: OrchestrateResponse,
  includeUsage = true,
): string {
  const encoder = createStreamEncoder({ includeUsage });
  return [
    encoder.start(START),
    ...groups.map((group) => encoder.parts(group)),
    encoder.end({ event: 'completed', response }),
  ].join('');
}

/** OpenAI's own client, which gets `text` as its answer. */
function clientOf(text: string): OpenAI {
  const headers = { 'content-type': 'text/event-stream' };
  return new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: async () => new Response(text, { headers }) });
}

const REQUEST = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };

const finalOf = (text: string) => clientOf(text).chat.completions.stream(REQUEST).finalChatCompletion();

async function chunksOf(text: string) {
  const chunks = [];
  for await (const chunk of await clientOf(text).chat.completions.create({ ...REQUEST, stream: true }))
    chunks.push(chunk);
  return chunks;
}

const CALLS = [
  { id: 'call_1', name: 'look', arguments: '{"x":"é\n"}', signature: 'sig' },
  { id: 'call_2', name: 'find', arguments: '{}' },
];

const signedCall = CALLS.slice(0, 1).flatMap((call): StreamPart[] => [
  { type: 'tool-call-start', id: call.id, name: call.name },
  { type: 'tool-call-delta', id: call.id, argumentsDelta: call.arguments },
  { type: 'tool-call-end', call },
]);

describe('a streamed chat', () => {
  it('is what OpenAI sends, chunk by chunk', () => {
    const groups: StreamPart[][] = [
      [
        { type: 'response-start', responseModel: null },
        { type: 'text-delta', text: 'Hi' },
      ],
    ];
    const usage =
      '{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"completion_tokens_details":{"reasoning_tokens":1}}';
    const head =
      '{"id":"chatcmpl-0198c0de-0000-7000-8000-000000000001","object":"chat.completion.chunk","created":1700000000,"model":"gemini \\"x\\"","choices":[';
    const choice = (delta: string, reason = 'null') =>
      `${head}{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${reason}}],"usage":null}`;
    expect(encode(groups, answer({})).split('\n\n')).toEqual([
      `data: ${choice('{"role":"assistant"}')}`,
      `data: ${choice('{"content":"Hi"}')}`,
      `data: ${choice('{}', '"stop"')}`,
      `data: ${head}],"usage":${usage}}`,
      'data: [DONE]',
      '',
    ]);
  });

  it('tells no usage that was not asked for or is not known', async () => {
    expect(encode([], answer({}), false)).not.toContain('usage');
    expect((await chunksOf(encode([], { ...answer({}), usage: null }))).at(-1)?.choices).toHaveLength(1);
  });

  it('is the whole answer in the client, of every kind of part', async () => {
    const error = ProviderError.of('bad-response', 'x', { billing: 'maybe-billed' });
    const thoughts = { type: 'reasoning' as const, text: 'Well.', signature: 's' };
    const source = { url: 'https://a.example', title: 'A' };
    const response = answer({
      message: { role: 'assistant', content: 'Hello.', reasoning: [thoughts], toolCalls: CALLS },
      finishReason: 'tool-calls',
      sources: [source],
    });
    const text = encode(
      [
        [
          { type: 'response-start', responseModel: 'x' },
          { type: 'reasoning-delta', text: 'Well.' },
          { type: 'reasoning-end', signature: 's' },
          { type: 'text-delta', text: 'Hel' },
        ],
        [
          { type: 'text-delta', text: 'lo.' },
          { type: 'source', source },
          ...signedCall,
          { type: 'tool-call-start', id: 'call_2', name: 'find' },
        ],
        [
          { type: 'tool-call-delta', id: 'call_2', argumentsDelta: '{' },
          { type: 'usage-update', usage: NO_USAGE },
        ],
        [{ type: 'tool-call-delta', id: 'call_2', argumentsDelta: '}' }],
        [
          ...CALLS.slice(1).map((call) => ({ type: 'tool-call-end' as const, call })),
          { type: 'finish', finishReason: 'tool-calls', rawFinishReason: 'x', usage: NO_USAGE },
          { type: 'stream-error', error, usage: NO_USAGE },
        ],
      ],
      response,
    );
    const whole = writeAnswer(response, START.startedAt);
    expect(await finalOf(text)).toMatchObject(whole);
    for (const chunk of await chunksOf(text)) expect(openAiChatCompletionChunk.parse(chunk)).toEqual(chunk);
  });

  it('is the same however its parts are grouped', async () => {
    const delta = fc.record({ type: fc.constant('text-delta' as const), text: fc.string({ unit: 'grapheme' }) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(delta, { maxLength: 3 })), async (groups) => {
        const content = groups
          .flat()
          .map(({ text }) => text)
          .join('');
        const completion = await finalOf(encode(groups, answer({ message: { role: 'assistant', content } }), false));
        expect(completion.choices[0]?.message.content ?? '').toBe(content);
      }),
      { numRuns: 30 },
    );
  });

  it('gives a call the id without its signature where that comes in a later group', async () => {
    const groups = signedCall.map((part) => [part]);
    const completion = await finalOf(encode(groups, answer({ finishReason: 'tool-calls' })));
    expect(completion.choices[0]?.message.tool_calls).toEqual([
      { id: 'call_1', type: 'function', function: { name: 'look', arguments: CALLS[0]?.arguments } },
    ]);
  });

  it('writes arguments that only the end of a call has', async () => {
    const [start, , end] = signedCall;
    const groups = [start, end].map((part) => (part ? [part] : []));
    const completion = await finalOf(encode(groups, answer({ finishReason: 'tool-calls' })));
    expect(completion.choices[0]?.message.tool_calls).toMatchObject([{ function: { arguments: CALLS[0]?.arguments } }]);
  });
});

describe('a streamed chat that fails', () => {
  it.each(['failed', 'canceled', 'budget_exceeded'] as const)('with %s throws in the client', async (event) => {
    const encoder = createStreamEncoder({ includeUsage: false });
    const text =
      encoder.start(START) +
      encoder.parts([{ type: 'text-delta', text: 'Hi' }]) +
      encoder.end({ event, error: ERROR, response: answer({}) });
    expect(text).not.toContain('[DONE]');
    const failure = await finalOf(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenAI.APIError);
    expect(failure).toMatchObject({ message: ERROR.detail, code: 'provider_stream_cut', type: 'server_error' });
  });

  it('has one event to say so where the vendor wrote the rest', () => {
    expect(createStreamEncoder({ includeUsage: true }).failure(ERROR, START.requestId)).toBe(
      'data: {"error":{"message":"The provider’s stream broke off.","type":"server_error","param":null,"code":"provider_stream_cut"}}\n\n',
    );
  });
});

describe('a stream that the vendor writes', () => {
  const hides = (data: string, includeUsage = false) =>
    createStreamEncoder({ includeUsage }).hides?.({ event: 'message', data });

  it('goes through untouched where usage was asked for', () => {
    expect(createStreamEncoder({ includeUsage: true })).not.toHaveProperty('hides');
  });

  it.each([
    ['{"id":"x","choices":[],"usage":{"prompt_tokens":1}}', true],
    ['{"usage" : { "prompt_tokens": 1 },\t"choices" : [ ] }', true],
    ['{"choices":[],"usage":null}', false],
    ['{"choices":[],"prompt_filter_results":[]}', false],
    ['{"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}', false],
    ['[DONE]', false],
  ])('hides %s: %s', (data, expected) => {
    expect(hides(data)).toBe(expected);
  });

  it('hides no chunk for what a model says', () => {
    const said = fc.oneof(fc.string(), fc.constant('"choices":[],"usage":{'), fc.constant('\\"choices":[] "usage":{'));
    fc.assert(
      fc.property(said, (content) => {
        expect(hides(JSON.stringify({ choices: [{ delta: { content } }], usage: null }))).toBe(false);
      }),
    );
  });
});
