import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import type { ProviderName, StreamPart, ToolCall } from '../../../../shared/providers/contract.ts';
import { ProviderError } from '../../../../shared/providers/provider-error.ts';
import { StreamAnswer } from '../../pipeline/stream-answer.ts';
import type { StreamEncoder } from '../../pipeline/stream-encoder.ts';
import { readSignedId, signedId } from '../signed-ids.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { writeAnswer } from './write-answer.ts';

const REQUEST_ID = '019a0000-0000-7000-8000-000000000001';
const USAGE = { inputTokens: 10, cachedInputTokens: 6, cacheWriteTokens: 1, outputTokens: 5, reasoningTokens: 2 };
const START: StreamPart = { type: 'response-start', responseModel: 'm' };
const FINISH: StreamPart = finish('stop');
const SOURCE: StreamPart = { type: 'source', source: { url: 'https://x.test' } };
const FAILURE: DomainError = { code: 'provider_stream_cut', detail: 'It broke off.' };

function finish(finishReason: 'stop' | 'tool-calls'): StreamPart {
  return { type: 'finish', finishReason, rawFinishReason: finishReason, usage: { unified: USAGE, raw: null } };
}

const text = (words: string): StreamPart => ({ type: 'text-delta', text: words });
const thought = (words: string): StreamPart => ({ type: 'reasoning-delta', text: words });
const thoughtEnd = (signature?: string): StreamPart => ({ type: 'reasoning-end', ...(signature && { signature }) });
const callStart = (id: string, name = 'f'): StreamPart => ({ type: 'tool-call-start', id, name });
const callDelta = (id: string, argumentsDelta: string): StreamPart => ({ type: 'tool-call-delta', id, argumentsDelta });
const callEnd = (call: ToolCall): StreamPart => ({ type: 'tool-call-end', call });

/** The answer that the pipeline makes of the same parts. */
function responseOf(parts: readonly StreamPart[], provider: ProviderName): OrchestrateResponse {
  const answer = new StreamAnswer();
  for (const part of parts) answer.accept(part);
  const { message, finishReason, rawFinishReason, usage } = answer.toResult();
  return {
    requestId: REQUEST_ID,
    status: 'completed',
    output: {
      message: {
        role: 'assistant',
        content: message.content,
        ...(message.reasoning && { reasoning: [...message.reasoning] }),
        ...(message.toolCalls && { toolCalls: [...message.toolCalls] }),
      },
      finishReason,
      rawFinishReason,
    },
    costUsd: null,
    latencyMs: 1,
    provider,
    model: 'model-1',
    usage: usage.unified ?? null,
    rawUsage: null,
    trace: { traceId: 't' },
    warnings: [],
  };
}

function started(provider: ProviderName): { readonly encoder: StreamEncoder; readonly text: string } {
  const encoder = createStreamEncoder();
  const text = encoder.start({ requestId: REQUEST_ID, provider, model: 'model-1', traceId: 't', startedAt: 0 });
  return { encoder, text };
}

function encode(groups: readonly (readonly StreamPart[])[], provider: ProviderName = 'mistral'): string {
  const { encoder, text: begin } = started(provider);
  const events = groups.map((group) => encoder.parts(group)).join('');
  return begin + events + encoder.end({ event: 'completed', response: responseOf(groups.flat(), provider) });
}

function streamOf(events: string) {
  const headers = { 'content-type': 'text/event-stream' };
  const client = new Anthropic({ apiKey: 'k', maxRetries: 0, fetch: async () => new Response(events, { headers }) });
  return client.messages.stream({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] });
}

const finalOf = async (events: string) => await streamOf(events).finalMessage();
const namesOf = (events: string) => [...events.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);

/** What the official client makes of a stream, which must not depend on how the network cut it. */
async function contentOf(parts: readonly StreamPart[], provider?: ProviderName) {
  const whole = await finalOf(encode([parts], provider));
  const cut = await finalOf(
    encode(
      parts.map((part) => [part]),
      provider,
    ),
  );
  expect(cut.content).toEqual(whole.content);
  return whole.content;
}

const toolUse = (id: string, input: unknown, name = 'f') => ({
  type: 'tool_use',
  id,
  name,
  input,
  caller: { type: 'direct' },
});

describe('a streamed message', () => {
  it('is to the official client what the whole answer is', async () => {
    const parts = [
      START,
      thought('Hm'),
      thought('.'),
      thoughtEnd('s'),
      text('Hel'),
      text('lo "you"\n\u2028'),
      SOURCE,
      callStart('1'),
      callDelta('1', '{"a":'),
      callDelta('1', '[1,2]}'),
      callEnd({ id: '1', name: 'f', arguments: '{"a":[1,2]}' }),
      finish('tool-calls'),
    ];
    const events = encode(parts.map((part) => [part]));
    expect(await finalOf(events)).toEqual({ ...writeAnswer(responseOf(parts, 'mistral')), parsed_output: null });
    expect(namesOf(events)).toEqual([
      'message_start',
      ...['content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_delta'],
      ...['content_block_stop', 'content_block_start', 'content_block_delta', 'content_block_delta'],
      ...['content_block_stop', 'content_block_start', 'content_block_delta', 'content_block_delta'],
      ...['content_block_stop', 'message_delta', 'message_stop'],
    ]);
  });

  it('starts with the tokens of the input where they are known, and with none elsewhere', async () => {
    const unified = { inputTokens: 7, outputTokens: 9, reasoningTokens: 4 };
    const update: StreamPart = { type: 'usage-update', usage: { unified, raw: null } };
    const startOf = (group: readonly StreamPart[]) => started('openai').encoder.parts(group);
    expect(startOf([START, update])).toContain('"input_tokens":7,');
    expect(startOf([START, update])).toContain('"output_tokens":0,"output_tokens_details":null,');
    expect(startOf([START])).toContain('"input_tokens":0,');
    const { usage } = await finalOf(encode([[START], [text('a'), update], [FINISH]]));
    expect(usage).toMatchObject({
      input_tokens: 3,
      cache_read_input_tokens: 6,
      cache_creation_input_tokens: 1,
      output_tokens: 5,
      output_tokens_details: { thinking_tokens: 2 },
    });
  });

  it('without content is a message all the same', async () => {
    expect(await finalOf(encode([[FINISH]]))).toMatchObject({ content: [], stop_reason: 'end_turn' });
    expect(namesOf(encode([]))).toEqual(['message_start', 'message_delta', 'message_stop']);
  });

  it('begins a block where the kind changes, and only there', async () => {
    const parts = [
      text('a'),
      text(''),
      text('b'),
      thought('c'),
      text('d'),
      thought('e'),
      thoughtEnd(),
      text('f'),
      FINISH,
    ];
    expect(await contentOf(parts)).toMatchObject([
      { type: 'text', text: 'ab' },
      { type: 'thinking', thinking: 'c', signature: '' },
      { type: 'text', text: 'd' },
      { type: 'thinking', thinking: 'e', signature: '' },
      { type: 'text', text: 'f' },
    ]);
  });

  it('keeps the signatures of thoughts apart, and says whose they are unless they are Anthropic’s', async () => {
    const parts = [thought('a'), thoughtEnd('1'), thoughtEnd('2'), text('b'), thoughtEnd('3'), thoughtEnd(), FINISH];
    const signatures = (prefix: string) => [
      { type: 'thinking', thinking: 'a', signature: `${prefix}1` },
      { type: 'thinking', thinking: '', signature: `${prefix}2` },
      { type: 'text', text: 'b', citations: null },
      { type: 'thinking', thinking: '', signature: `${prefix}3` },
    ];
    expect(await contentOf(parts, 'anthropic')).toEqual(signatures(''));
    expect(await contentOf(parts, 'google')).toEqual(signatures('eufm:google:'));
  });

  it('has redacted thoughts as Anthropic has them', async () => {
    const parts = [thought('a'), thoughtEnd('redacted_thinking:data'), text('b'), FINISH];
    expect(await contentOf(parts, 'anthropic')).toEqual([
      { type: 'thinking', thinking: 'a', signature: '' },
      { type: 'redacted_thinking', data: 'data' },
      { type: 'text', text: 'b', citations: null },
    ]);
  });
});

describe('streamed tool calls', () => {
  it('are written one after another, though their pieces come mixed', async () => {
    const parts = [
      callStart('1'),
      callDelta('1', '{"a"'),
      callStart('2', 'g'),
      callDelta('2', '{"b"'),
      callDelta('1', ':1}'),
      text('So.'),
      callDelta('2', ':2}'),
      callEnd({ id: '1', name: 'f', arguments: '{"a":1}' }),
      callEnd({ id: '2', name: 'g', arguments: '{"b":2}' }),
      finish('tool-calls'),
    ];
    expect(await contentOf(parts)).toEqual([
      toolUse('1', { a: 1 }),
      toolUse('2', { b: 2 }, 'g'),
      { type: 'text', text: 'So.', citations: null },
    ]);
  });

  it('write what is first as it comes, and what waited when its turn comes', () => {
    const { encoder } = started('openai');
    encoder.parts([callStart('1')]);
    expect(encoder.parts([callDelta('1', '{')])).toContain('"partial_json":"{"');
    expect(encoder.parts([callStart('2'), callDelta('2', '[1'), callDelta('2', ']')])).toBe('');
    const rest = encoder.parts([callEnd({ id: '1', name: 'f', arguments: '{}' })]);
    expect(namesOf(rest)).toEqual(['content_block_stop', 'content_block_start', 'content_block_delta']);
    expect(rest).toContain('"partial_json":"[1]"');
  });

  it('that never end are written in order at the end', async () => {
    const parts = [callStart('1'), callStart('2'), callDelta('2', '{"b":2}'), callDelta('1', '{"a":1}'), FINISH];
    expect(await contentOf(parts)).toEqual([toolUse('1', { a: 1 }), toolUse('2', { b: 2 })]);
  });

  it.each([
    ['', {}],
    ['{}', {}],
    ['{"a":1}', { a: 1 }],
  ])('that come without pieces have the arguments %j of their end', async (written, input) => {
    const parts = [callStart('1'), callEnd({ id: '1', name: 'f', arguments: written }), finish('tool-calls')];
    expect(await contentOf(parts)).toEqual([toolUse('1', input)]);
  });

  it('carry their signature in their id where it comes with them', async () => {
    const call = { id: '1', name: 'f', arguments: '{}', signature: 'sig' };
    const [block] = (await finalOf(encode([[callStart('1'), callDelta('1', '{}'), callEnd(call)], [FINISH]]))).content;
    expect(block).toMatchObject({ id: signedId(call), input: {} });
    expect(readSignedId(Object(block).id)).toEqual({ id: '1', signature: 'sig' });
    const [late] = (await finalOf(encode([[callStart('1')], [callEnd(call)], [FINISH]]))).content;
    expect(late).toMatchObject({ id: '1' });
  });
});

describe('a stream that fails', () => {
  it('ends in one error, which the official client throws, and in no end of a message', async () => {
    const { encoder } = started('mistral');
    const broken: StreamPart = {
      type: 'stream-error',
      error: ProviderError.of('bad-response', 'gone'),
      usage: { unified: undefined, raw: undefined },
    };
    const parts = encoder.parts([text('a'), callStart('1'), broken]);
    const end = encoder.end({ event: 'failed', error: FAILURE, response: responseOf([text('a')], 'mistral') });
    expect(namesOf(end)).toEqual(['error']);
    expect(end).not.toContain('message_stop');
    const stream = streamOf(parts + end);
    const caught = await stream.finalMessage().catch((error: unknown) => error);
    expect(caught).toBeInstanceOf(APIError);
    expect(caught).toMatchObject({
      type: 'api_error',
      error: { type: 'error', error: { type: 'api_error', message: 'It broke off.' }, request_id: REQUEST_ID },
    });
  });

  it('has the same error where the vendor wrote what came before', () => {
    expect(createStreamEncoder().failure({ code: 'provider_timeout', detail: 'Late.' }, REQUEST_ID)).toBe(
      `event: error\ndata: {"type":"error","error":{"type":"timeout_error","message":"Late."},"request_id":"${REQUEST_ID}"}\n\n`,
    );
  });
});
