import { describe, expect, it } from 'vitest';
import type { ChatRequest, StreamPart } from '../contract.ts';
import { answeringEvents, collect } from '../testing/answering.ts';
import { anthropicAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10, seed: 1 };

function event(data: { readonly type: string; readonly [key: string]: unknown }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function start(usage: object | undefined = { input_tokens: 25, cache_read_input_tokens: 5, output_tokens: 1 }): string {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [],
    model: 'claude',
    stop_reason: null,
    usage,
  };
  return event({ type: 'message_start', message });
}
const open = (index: number, block: object) => event({ type: 'content_block_start', index, content_block: block });
const extend = (index: number, delta: object) => event({ type: 'content_block_delta', index, delta });
const close = (index: number) => event({ type: 'content_block_stop', index });
const end = (reason: string, usage: object = { input_tokens: null, output_tokens: 15 }) =>
  event({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: null }, usage }) +
  event({ type: 'message_stop' });

async function stream(...events: readonly string[]): Promise<StreamPart[]> {
  return await collect(await anthropicAdapter.stream(REQUEST, answeringEvents(events).options));
}

const dropped = (parts: readonly StreamPart[], ...types: StreamPart['type'][]) =>
  parts.filter(({ type }) => !types.includes(type));

describe('a stream of Anthropic', () => {
  /** https://platform.claude.com/docs/en/build-with-claude/streaming#basic-streaming-request */
  it('tells text as it comes, and adds up the usage of its start and its end', async () => {
    const parts = await stream(
      start(),
      open(0, { type: 'text', text: '' }),
      event({ type: 'ping' }),
      extend(0, { type: 'text_delta', text: 'Hello' }),
      extend(0, { type: 'text_delta', text: '!' }),
      close(0),
      end('end_turn'),
    );
    const first = { input_tokens: 25, cache_read_input_tokens: 5 };
    const last = {
      unified: { inputTokens: 30, cachedInputTokens: 5, outputTokens: 15 },
      raw: { ...first, output_tokens: 15 },
    };
    expect(parts).toStrictEqual([
      { type: 'response-start', responseModel: 'claude' },
      { type: 'usage-update', usage: { unified: { inputTokens: 30, cachedInputTokens: 5 }, raw: first } },
      { type: 'text-delta', text: 'Hello' },
      { type: 'text-delta', text: '!' },
      { type: 'usage-update', usage: last },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'end_turn', usage: last },
    ]);
  });

  it('sends the request of an answer that comes at once, asks for events, and warns as it would', async () => {
    const { options, seen } = answeringEvents([start(), end('end_turn')]);
    const result = await anthropicAdapter.stream(REQUEST, options);
    await collect(result);
    await anthropicAdapter.generate(REQUEST, options).catch(() => {});
    expect(seen[0]?.body).toEqual({ ...Object(seen[1]?.body), stream: true });
    expect(result.warnings).toEqual(['seed was ignored: the provider does not support it']);
  });

  /** https://platform.claude.com/docs/en/build-with-claude/streaming#streaming-request-with-tool-use */
  it('announces calls, passes their arguments on in pieces and has them whole at the end', async () => {
    const parts = await stream(
      start(),
      open(1, { type: 'tool_use', id: 'toolu_01', name: 'get_weather', input: {} }),
      extend(1, { type: 'input_json_delta', partial_json: '' }),
      extend(1, { type: 'input_json_delta', partial_json: '{"location": "San' }),
      extend(1, { type: 'input_json_delta', partial_json: ' Francisco"}' }),
      close(1),
      open(2, { type: 'tool_use', id: 'toolu_02', name: 'get_time', input: {} }),
      close(2),
      end('tool_use'),
    );
    expect(dropped(parts, 'response-start', 'usage-update')).toMatchObject([
      { type: 'tool-call-start', id: 'toolu_01', name: 'get_weather' },
      { type: 'tool-call-delta', id: 'toolu_01', argumentsDelta: '{"location": "San' },
      { type: 'tool-call-delta', id: 'toolu_01', argumentsDelta: ' Francisco"}' },
      { type: 'tool-call-end', call: { name: 'get_weather', arguments: '{"location": "San Francisco"}' } },
      { type: 'tool-call-start', id: 'toolu_02', name: 'get_time' },
      { type: 'tool-call-end', call: { id: 'toolu_02', arguments: '{}' } },
      { type: 'finish', finishReason: 'tool-calls' },
    ]);
  });

  /**
   * https://platform.claude.com/docs/en/build-with-claude/streaming#streaming-request-with-extended-thinking
   * https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool#streaming
   */
  it('closes thoughts with their signature, shown, omitted or redacted, and names its sources', async () => {
    const parts = await stream(
      start(undefined),
      open(0, { type: 'thinking', thinking: '', signature: '' }),
      extend(0, { type: 'thinking_delta', thinking: 'First,' }),
      extend(0, { type: 'thinking_delta', thinking: ' 27.' }),
      extend(0, { type: 'signature_delta', signature: 'EqQB' }),
      close(0),
      open(1, { type: 'thinking', thinking: '', signature: '' }),
      extend(1, { type: 'signature_delta', signature: 'EosnCk' }),
      close(1),
      open(2, { type: 'redacted_thinking', data: 'EmwK' }),
      close(2),
      open(3, { type: 'server_tool_use', id: 'srvtoolu_01', name: 'web_search', input: {} }),
      extend(3, { type: 'input_json_delta', partial_json: '{"query":"x"}' }),
      close(3),
      open(4, {
        type: 'web_search_tool_result',
        content: [{ type: 'web_search_result', url: 'https://a.test', title: 'A', page_age: null }],
      }),
      close(4),
      open(5, { type: 'text', text: '' }),
      extend(5, { type: 'citations_delta', citation: { type: 'web_search_result_location', url: 'https://a.test' } }),
      close(5),
      end('end_turn'),
    );
    expect(dropped(parts, 'response-start', 'usage-update', 'finish')).toStrictEqual([
      { type: 'reasoning-delta', text: 'First,' },
      { type: 'reasoning-delta', text: ' 27.' },
      { type: 'reasoning-end', signature: 'EqQB' },
      { type: 'reasoning-end', signature: 'EosnCk' },
      { type: 'reasoning-end', signature: 'redacted_thinking:EmwK' },
      { type: 'source', source: { url: 'https://a.test', title: 'A' } },
    ]);
  });

  /** https://platform.claude.com/docs/en/build-with-claude/streaming#error-events */
  it.each([
    ['overloaded_error', 'overloaded', 529],
    ['rate_limit_error', 'rate-limited', 429],
    ['api_error', 'retryable', 500],
    ['timeout_error', 'timeout', 504],
    ['authentication_error', 'auth', 401],
    ['invalid_request_error', 'validation', 400],
    ['something_new', 'retryable', 500],
  ])('that tells an %s ends in %s, with the usage that was told before', async (type, kind, status) => {
    const parts = await stream(
      start(),
      open(0, { type: 'text', text: 'a' }),
      event({ type: 'error', error: { type, message: 'Overloaded' } }),
      end('end_turn'),
    );
    expect(parts.at(-1)).toMatchObject({
      type: 'stream-error',
      error: { kind, status, billing: 'maybe-billed' },
      usage: { unified: { inputTokens: 30 } },
    });
    expect(dropped(parts, 'response-start', 'usage-update', 'stream-error')).toEqual([
      { type: 'text-delta', text: 'a' },
    ]);
  });

  it('that ends before message_stop was cut, and does not take the first count of output for its own', async () => {
    const cut = (await stream(start(), open(0, { type: 'text', text: 'a' }))).at(-1);
    expect(cut).toMatchObject({ type: 'stream-error', error: { kind: 'upstream-cut' } });
    expect(cut).toHaveProperty('usage.unified', { inputTokens: 30, cachedInputTokens: 5 });
  });

  it.each(['{', '[]', 'null', '{"type":"content_block_delta"}'])('that tells %s cannot be read', async (data) => {
    const parts = await stream(start(), `event: content_block_delta\ndata: ${data}\n\n`, end('end_turn'));
    expect(parts.at(-1)).toMatchObject({ type: 'stream-error', error: { kind: 'bad-response' } });
  });
});
