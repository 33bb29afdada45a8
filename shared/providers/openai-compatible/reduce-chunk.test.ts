import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../contract.ts';
import { createChunkReducer } from './reduce-chunk.ts';
import type { OpenaiVendor } from './vendor.ts';

/** Chunks are those of https://developers.openai.com/api/reference/resources/chat/subresources/completions/streaming-events */
const VENDOR: OpenaiVendor = {
  provider: 'openai-compatible',
  outputLimitField: 'max_tokens',
  unsupported: [],
  bounds: { imageTokens: 0, fileTokens: 0 },
  hasStreamOptions: true,
};

function reducer(over: Partial<OpenaiVendor> = {}) {
  let ids = 0;
  const reduce = createChunkReducer({ ...VENDOR, ...over }, () => `id-${++ids}`);
  return {
    raw: (data: string, event = 'message') => reduce.accept({ event, data }),
    chunk: (chunk: object) => reduce.accept({ event: 'message', data: JSON.stringify({ choices: [], ...chunk }) }),
    delta: (delta: object, finish_reason: string | null = null) =>
      reduce.accept({ event: 'message', data: JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] }) }),
    end: () => reduce.end(),
    usage: () => reduce.usage(),
  };
}

const START: StreamPart = { type: 'response-start', responseModel: null };
const NO_USAGE = { unified: undefined, raw: undefined };

describe('the chunks of a stream', () => {
  it('open it once, even when the first of them says nothing', () => {
    const { chunk, delta } = reducer();
    expect(chunk({ model: 'm' })).toEqual([{ ...START, responseModel: 'm' }]);
    expect(delta({ role: 'assistant', content: '' })).toEqual([]);
    expect(delta({ content: 'a' })).toEqual([{ type: 'text-delta', text: 'a' }]);
  });

  it('announce parallel calls, tell them apart by index, and have them whole at the end', () => {
    const { delta, raw } = reducer();
    delta({ role: 'assistant', content: null });
    expect(
      delta({ tool_calls: [{ index: 0, id: 'c0', type: 'function', function: { name: 'a', arguments: '' } }] }),
    ).toEqual([{ type: 'tool-call-start', id: 'c0', name: 'a' }]);
    expect(delta({ tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] })).toEqual([
      { type: 'tool-call-delta', id: 'c0', argumentsDelta: '{"x"' },
    ]);
    expect(
      delta({
        tool_calls: [
          { index: 1, id: 'c1', function: { name: 'b', arguments: '{}' } },
          { index: 0, function: { arguments: ':1}' } },
        ],
      }),
    ).toEqual([
      { type: 'tool-call-start', id: 'c1', name: 'b' },
      { type: 'tool-call-delta', id: 'c1', argumentsDelta: '{}' },
      { type: 'tool-call-delta', id: 'c0', argumentsDelta: ':1}' },
    ]);
    expect(delta({}, 'tool_calls')).toEqual([
      { type: 'tool-call-end', call: { id: 'c0', name: 'a', arguments: '{"x":1}' } },
      { type: 'tool-call-end', call: { id: 'c1', name: 'b', arguments: '{}' } },
    ]);
    expect(raw('[DONE]')).toEqual([
      { type: 'finish', finishReason: 'tool-calls', rawFinishReason: 'tool_calls', usage: NO_USAGE },
    ]);
  });

  it('make do without index and id, and with arguments that are an object', () => {
    const { delta } = reducer();
    delta({});
    const calls = [
      { function: { name: 'a', arguments: { x: 1 } } },
      { id: 'c1', function: { name: 'b' } },
      { function: { arguments: '{}' } },
    ];
    const parts = calls.map((call, index) => delta({ tool_calls: [index === 0 ? { index: 0, ...call } : call] }));
    expect(parts).toEqual([
      [
        { type: 'tool-call-start', id: 'id-1', name: 'a' },
        { type: 'tool-call-delta', id: 'id-1', argumentsDelta: '{"x":1}' },
      ],
      [{ type: 'tool-call-start', id: 'c1', name: 'b' }],
      [{ type: 'tool-call-delta', id: 'c1', argumentsDelta: '{}' }],
    ]);
  });

  it.each(['reasoning_content', 'reasoning'])('tell thoughts in %s from what is said', (field) => {
    const { delta } = reducer();
    delta({});
    expect(delta({ [field]: 'hm', content: null })).toEqual([{ type: 'reasoning-delta', text: 'hm' }]);
    expect(delta({ content: 'a' })).toEqual([{ type: 'reasoning-end' }, { type: 'text-delta', text: 'a' }]);
    expect(delta({ content: 'b' })).toEqual([{ type: 'text-delta', text: 'b' }]);
  });

  it('carry a refusal as text, which finishes as filtered content', () => {
    const { delta, raw } = reducer();
    delta({});
    expect(delta({ refusal: 'No.' })).toEqual([{ type: 'text-delta', text: 'No.' }]);
    delta({}, 'stop');
    expect(raw('[DONE]')).toMatchObject([{ finishReason: 'content-filter', rawFinishReason: 'stop' }]);
  });

  it('carry what a search model cites', () => {
    const { delta } = reducer();
    const annotation = { type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A' } };
    expect(delta({ annotations: [annotation, { type: 'other' }] })).toEqual([
      START,
      { type: 'source', source: { url: 'https://a.example', title: 'A' } },
    ]);
  });

  it('may bring usage after the finish reason, and it is known before the end', () => {
    const { delta, chunk, raw, usage } = reducer();
    delta({ content: 'a' }, 'stop');
    expect(usage()).toEqual(NO_USAGE);
    const reported = { unified: { inputTokens: 2 }, raw: { prompt_tokens: 2, x: 1 } };
    expect(chunk({ usage: reported.raw })).toEqual([{ type: 'usage-update', usage: reported }]);
    expect(usage()).toEqual(reported);
    expect(raw('[DONE]')).toEqual([{ type: 'finish', finishReason: 'stop', rawFinishReason: 'stop', usage: reported }]);
  });

  it('are cut without [DONE], whatever came before, unless the vendor is known to leave it out', () => {
    const strict = reducer();
    strict.delta({ content: 'a' }, 'stop');
    expect(strict.end()).toBeNull();
    const lax = reducer({ mayEndWithoutDone: true });
    lax.delta({ content: 'a' });
    expect(lax.end()).toBeNull();
    lax.delta({}, 'stop');
    expect(lax.end()).toMatchObject([{ type: 'finish', finishReason: 'stop' }]);
  });

  it('finish with an unknown reason when none was given', () => {
    const { delta, raw } = reducer();
    delta({ content: 'a' });
    expect(raw('[DONE]')).toMatchObject([{ finishReason: 'unknown', rawFinishReason: null }]);
  });

  it.each([
    ['{', 'not JSON'],
    ['3', 'a number'],
    ['[]', 'a list'],
    ['{}', 'without choices'],
    ['{"choices":{}}', 'with choices that are no list'],
    ['{"choices":["x"]}', 'with a choice that is a text'],
    ['{"choices":[{"delta":3}]}', 'with a delta that is a number'],
    ['{"choices":[{"delta":{"content":3}}]}', 'with content that is a number'],
    ['{"choices":[{"delta":{"content":[3]}}]}', 'with a part that is a number'],
    ['{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{}}]}}]}', 'with a call without a name'],
    ['{"choices":[{"finish_reason":3}]}', 'with a finish reason that is a number'],
    ['[DONE]', 'the end before anything else'],
  ])('that are %s (%s) are a bad response', (data) => {
    expect(() => reducer().raw(data)).toThrow(
      expect.objectContaining({ name: 'ProviderError', kind: 'bad-response', billing: 'maybe-billed' }),
    );
  });

  it.each([
    [{ error: { message: 'x', type: 'server_error', code: null } }, 'retryable'],
    [{ error: { message: 'x', type: 'tokens', code: 'rate_limit_exceeded' } }, 'rate-limited'],
    [{ error: { message: 'x', code: 'context_length_exceeded' } }, 'context-too-long'],
    [{ error: { message: 'x', code: 503 } }, 'overloaded'],
    [{ object: 'error', message: 'x', type: 'invalid_request_error', code: '1500' }, 'validation'],
    [{ error: 'broken' }, 'retryable'],
  ])('may hold the error %j, which is %s and never a success', (body, kind) => {
    expect(() => reducer().raw(JSON.stringify(body))).toThrow(
      expect.objectContaining({ name: 'ProviderError', kind, billing: 'maybe-billed' }),
    );
  });

  it('of an event called error are one as well', () => {
    const body = JSON.stringify({ message: 'x', type: 'overloaded_error' });
    expect(() => reducer().raw(body, 'error')).toThrow(expect.objectContaining({ kind: 'overloaded' }));
  });
});
