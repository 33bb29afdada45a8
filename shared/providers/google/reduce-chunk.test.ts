import { describe, expect, it } from 'vitest';
import type { ChatRequest, StreamPart } from '../contract.ts';
import { answering, answeringEvents, collect, eventStream } from '../testing/answering.ts';
import { googleAdapter } from './adapter.ts';

const REQUEST: ChatRequest = {
  messages: [{ role: 'user', content: 'hi' }],
  maxOutputTokens: 10,
  parallelToolCalls: false,
};

const data = (chunk: unknown) => `data: ${JSON.stringify(chunk)}\r\n\r\n`;

/** https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
function chunk(parts: readonly object[], candidate: object = {}, over: object = {}): string {
  const content = { role: 'model', parts };
  return data({ candidates: [{ content, index: 0, ...candidate }], modelVersion: 'gemini', ...over });
}

async function stream(...events: readonly string[]): Promise<StreamPart[]> {
  return await collect(await googleAdapter.stream(REQUEST, answeringEvents(events).options));
}

const dropped = (parts: readonly StreamPart[], ...types: StreamPart['type'][]) =>
  parts.filter(({ type }) => !types.includes(type));

const usageMetadata = (candidatesTokenCount: number) => ({ promptTokenCount: 4, candidatesTokenCount });

describe('a stream of Gemini', () => {
  /** https://ai.google.dev/gemini-api/docs/text-generation#streaming-responses */
  it('tells text and usage as they come, and counts what comes after the reason to finish', async () => {
    const parts = await stream(
      chunk([{ text: 'Hel' }], {}, { usageMetadata: usageMetadata(1) }),
      chunk([{ text: 'lo' }], { finishReason: 'STOP' }),
      data({ usageMetadata: usageMetadata(9), modelVersion: 'gemini' }),
    );
    const usage = (outputTokens: number) => ({
      unified: { inputTokens: 4, outputTokens },
      raw: usageMetadata(outputTokens),
    });
    expect(parts).toStrictEqual([
      { type: 'response-start', responseModel: 'gemini' },
      { type: 'text-delta', text: 'Hel' },
      { type: 'usage-update', usage: usage(1) },
      { type: 'text-delta', text: 'lo' },
      { type: 'usage-update', usage: usage(9) },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'STOP', usage: usage(9) },
    ]);
  });

  it('is asked for as events, on the Gemini API and on Vertex AI', async () => {
    const { options, seen } = answering(() => eventStream([chunk([], { finishReason: 'STOP' })]));
    const baseUrl = 'https://us-east1-aiplatform.googleapis.com/v1/projects/p/locations/us-east1';
    const vertex = { ...options, baseUrl, credentials: { apiKey: '', accessToken: 'token' } };
    for (const each of [options, vertex]) {
      const result = await googleAdapter.stream(REQUEST, each);
      expect(result.warnings).toEqual(['parallelToolCalls false was ignored: the provider does not support it']);
      await collect(result);
    }
    expect(seen.map(({ url }) => url)).toEqual([
      'https://generativelanguage.googleapis.com/v1beta/models/test-model:streamGenerateContent?alt=sse',
      `${baseUrl}/publishers/google/models/test-model:streamGenerateContent?alt=sse`,
    ]);
    expect(seen[0]?.body).toEqual(seen[1]?.body);
  });

  /** https://ai.google.dev/gemini-api/docs/thought-signatures */
  it('closes thoughts before what follows them, and keeps every signature', async () => {
    const parts = await stream(
      chunk([{ text: 'Let me', thought: true }]),
      chunk([{ text: ' see.', thought: true }]),
      chunk([
        { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'sigA' },
        { functionCall: { id: 'x', name: 'g' } },
      ]),
      chunk([{ text: 'more', thought: true, thoughtSignature: 'sigB' }]),
      chunk([{ text: 'Done.' }]),
      chunk([{ text: '', thoughtSignature: 'sigC' }], { finishReason: 'STOP' }),
    );
    const call = { id: 'generated-1', name: 'f', arguments: '{"a":1}', signature: 'sigA' };
    expect(dropped(parts, 'response-start')).toStrictEqual([
      { type: 'reasoning-delta', text: 'Let me' },
      { type: 'reasoning-delta', text: ' see.' },
      { type: 'reasoning-end' },
      { type: 'tool-call-start', id: 'generated-1', name: 'f' },
      { type: 'tool-call-delta', id: 'generated-1', argumentsDelta: '{"a":1}' },
      { type: 'tool-call-end', call },
      { type: 'tool-call-start', id: 'x', name: 'g' },
      { type: 'tool-call-delta', id: 'x', argumentsDelta: '{}' },
      { type: 'tool-call-end', call: { id: 'x', name: 'g', arguments: '{}' } },
      { type: 'reasoning-delta', text: 'more' },
      { type: 'reasoning-end', signature: 'sigB' },
      { type: 'text-delta', text: 'Done.' },
      { type: 'reasoning-end', signature: 'sigC' },
      {
        type: 'finish',
        finishReason: 'tool-calls',
        rawFinishReason: 'STOP',
        usage: { unified: undefined, raw: undefined },
      },
    ]);
  });

  /** https://ai.google.dev/gemini-api/docs/google-search#understanding_the_grounding_response */
  it('names each of its sources once', async () => {
    const web = (uri: string) => ({ web: { uri, title: uri } });
    const grounded = (...uris: string[]) => ({
      groundingMetadata: { groundingChunks: uris.map(web), webSearchQueries: ['q'] },
    });
    const parts = await stream(
      chunk([{ text: 'a' }], grounded('https://a.test')),
      chunk(
        [],
        { finishReason: 'STOP', ...grounded('https://a.test', 'https://b.test') },
        { usageMetadata: usageMetadata(1) },
      ),
    );
    expect(dropped(parts, 'response-start', 'text-delta', 'usage-update')).toMatchObject([
      { type: 'source', source: { url: 'https://a.test' } },
      { type: 'source', source: { url: 'https://b.test' } },
      { type: 'finish', usage: { unified: { searches: 1 } } },
    ]);
  });

  it('to a blocked prompt ends with the reason and its usage', async () => {
    const parts = await stream(
      data({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 5 } }),
    );
    expect(parts.at(-1)).toMatchObject({
      type: 'finish',
      finishReason: 'content-filter',
      rawFinishReason: 'SAFETY',
      usage: { unified: { inputTokens: 5 } },
    });
  });

  /** https://cloud.google.com/apis/design/errors#http_mapping, as the SDK's `throwIfStreamErrorChunk` reads it */
  it.each([
    [503, 'UNAVAILABLE', 'overloaded'],
    [429, 'RESOURCE_EXHAUSTED', 'rate-limited'],
    [500, 'INTERNAL', 'retryable'],
    [403, 'PERMISSION_DENIED', 'auth'],
    [400, 'FAILED_PRECONDITION', 'auth'],
  ])('that tells error %i %s ends in %s, with the usage that was told before', async (code, status, kind) => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' }];
    const parts = await stream(
      chunk([{ text: 'a' }], {}, { usageMetadata: usageMetadata(1) }),
      data({ error: { code, message: 'Sorry.', status, details } }),
      chunk([], { finishReason: 'STOP' }),
    );
    expect(dropped(parts, 'response-start', 'usage-update')).toMatchObject([
      { type: 'text-delta', text: 'a' },
      {
        type: 'stream-error',
        error: { kind, status: code, retryAfterMs: 2_000, billing: 'maybe-billed' },
        usage: { unified: { outputTokens: 1 } },
      },
    ]);
  });

  it('that ends without a reason was cut', async () => {
    const parts = await stream(chunk([{ text: 'a' }], {}, { usageMetadata: usageMetadata(1) }));
    expect(parts.at(-1)).toMatchObject({
      type: 'stream-error',
      error: { kind: 'upstream-cut' },
      usage: { unified: { outputTokens: 1 } },
    });
  });

  it.each(['data: {\n\n', data([]), data(null), data({ candidates: [{ content: { parts: [{ text: 1 }] } }] })])(
    'that tells %j cannot be read',
    async (event) => {
      const parts = await stream(chunk([{ text: 'a' }]), event, chunk([], { finishReason: 'STOP' }));
      expect(parts.at(-1)).toMatchObject({ type: 'stream-error', error: { kind: 'bad-response' } });
    },
  );
});
