import { describe, expect, it } from 'vitest';
import type { CallOptions, ChatRequest, RateLimitHints } from '../contract.ts';
import { answeringEvents, answeringJson } from '../testing/answering.ts';
import { anthropicAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };

function message(over: object = {}) {
  return { model: 'claude', content: [{ type: 'text', text: 'hello' }], stop_reason: 'end_turn', ...over };
}

const generate = (answer: object) => anthropicAdapter.generate(REQUEST, answeringJson(answer).options);

describe('an answer of Anthropic', () => {
  /** https://platform.claude.com/docs/en/api/messages/create#response-body */
  it('adds cached input to the total and names its parts', async () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 30 },
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 40 },
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 0 },
      service_tier: 'standard',
    };
    expect(await generate(message({ usage }))).toStrictEqual({
      message: { role: 'assistant', content: 'hello' },
      finishReason: 'stop',
      rawFinishReason: 'end_turn',
      usage: {
        unified: {
          inputTokens: 100,
          outputTokens: 50,
          cachedInputTokens: 60,
          cacheWriteTokens: 30,
          reasoningTokens: 40,
          searches: 2,
        },
        raw: usage,
      },
      responseModel: 'claude',
      warnings: [],
    });
  });

  it.each([
    [undefined, undefined],
    [{ input_tokens: -1 }, undefined],
    [
      { input_tokens: 5, output_tokens: 2, cache_read_input_tokens: null },
      { inputTokens: 5, outputTokens: 2 },
    ],
    [
      { cache_read_input_tokens: 5, output_tokens: 2 },
      { outputTokens: 2, cachedInputTokens: 5 },
    ],
  ])('usage %j becomes %j and stays beside it', async (usage, unified) => {
    expect((await generate(message({ usage }))).usage).toStrictEqual({ unified, raw: usage });
  });

  /**
   * https://platform.claude.com/docs/en/agents-and-tools/tool-use/parallel-tool-use
   * https://platform.claude.com/docs/en/build-with-claude/extended-thinking#redacted-thinking-blocks
   * https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool#response
   */
  it('tells thoughts, calls and sources apart, and passes over what it does not know', async () => {
    const content = [
      { type: 'thinking', thinking: 'Two cities.', signature: 'EqQBCgIYAhIM' },
      { type: 'redacted_thinking', data: 'EmwKAhgBEgy3' },
      { type: 'text', text: 'Let me ' },
      { type: 'server_tool_use', id: 'srvtoolu_01', name: 'web_search', input: { query: 'weather' } },
      {
        type: 'web_search_tool_result',
        tool_use_id: 'srvtoolu_01',
        content: [
          {
            type: 'web_search_result',
            url: 'https://a.test',
            title: 'A',
            encrypted_content: 'x',
            page_age: 'May 1, 2026',
          },
        ],
      },
      { type: 'web_search_tool_result', content: { type: 'web_search_tool_result_error', error_code: 'unavailable' } },
      { type: 'text', text: 'check.' },
      { type: 'tool_use', id: 'toolu_01', name: 'get_weather', input: { location: 'Paris' } },
      { type: 'tool_use', id: 'toolu_02', name: 'get_time', input: {} },
    ];
    expect(await generate(message({ content, stop_reason: 'tool_use' }))).toMatchObject({
      message: {
        content: 'Let me check.',
        reasoning: [
          { type: 'reasoning', text: 'Two cities.', signature: 'EqQBCgIYAhIM' },
          { type: 'reasoning', text: '', signature: 'redacted_thinking:EmwKAhgBEgy3' },
        ],
        toolCalls: [
          { id: 'toolu_01', name: 'get_weather', arguments: '{"location":"Paris"}' },
          { id: 'toolu_02', name: 'get_time', arguments: '{}' },
        ],
      },
      finishReason: 'tool-calls',
      sources: [{ url: 'https://a.test', title: 'A', date: 'May 1, 2026' }],
    });
  });

  it('with a broken block of a known kind is a bad response', async () => {
    const broken = generate(message({ content: [{ type: 'tool_use', name: 'no_id', input: {} }] }));
    await expect(broken).rejects.toMatchObject({ kind: 'bad-response', billing: 'maybe-billed' });
  });

  /** https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons */
  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool-calls'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
    ['something_new', 'other'],
    [null, 'unknown'],
  ])('for the stop reason %s is finished by %s', async (raw, unified) => {
    expect(await generate(message({ stop_reason: raw }))).toMatchObject({
      finishReason: unified,
      rawFinishReason: raw,
    });
  });
});

describe('an error of Anthropic', () => {
  /** https://platform.claude.com/docs/en/api/errors#error-shapes */
  it.each([
    ['prompt is too long: 208310 tokens > 200000 maximum', 'context-too-long'],
    ['input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000', 'context-too-long'],
    ['Your credit balance is too low to access the Anthropic API.', 'auth'],
    ['messages: at least one message is required', 'validation'],
  ])('400 that says "%s" is %s', async (sentence, kind) => {
    const error = { type: 'invalid_request_error', message: sentence };
    const { options } = answeringJson({ type: 'error', error, request_id: 'req_1' }, { status: 400 });
    await expect(anthropicAdapter.generate(REQUEST, options)).rejects.toMatchObject({
      kind,
      vendorMessage: kind === 'auth' ? undefined : sentence,
      message: 'anthropic answered 400 (invalid_request_error)',
    });
  });

  it('is named by its stable code where there is one', async () => {
    const error = { type: 'rate_limit_error', message: 'No.', details: { error_code: 'ramp_limit_exceeded' } };
    const { options } = answeringJson({ type: 'error', error }, { status: 429, headers: { 'retry-after': '9' } });
    await expect(anthropicAdapter.generate(REQUEST, options)).rejects.toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 9_000,
      message: 'anthropic answered 429 (ramp_limit_exceeded)',
    });
  });
});

describe('the limits of an account', () => {
  /** https://platform.claude.com/docs/en/api/rate-limits#response-headers */
  const headers = {
    'anthropic-ratelimit-requests-limit': '1000',
    'anthropic-ratelimit-requests-remaining': '999',
    'anthropic-ratelimit-requests-reset': '2026-08-21T12:40:59Z',
    'anthropic-ratelimit-input-tokens-limit': '80000',
    'anthropic-ratelimit-input-tokens-remaining': '79000',
    'anthropic-ratelimit-input-tokens-reset': '2026-08-21T12:41:00Z',
  };
  const tokens = {
    'anthropic-ratelimit-tokens-limit': '96000',
    'anthropic-ratelimit-tokens-remaining': '0',
    'anthropic-ratelimit-tokens-reset': '2026-08-21T12:42:00Z',
  };

  it.each([
    ['the nearest limit', tokens, { limit: 96_000, remaining: 0, resetAt: Date.UTC(2026, 7, 21, 12, 42) }],
    ['that of input', {}, { limit: 80_000, remaining: 79_000, resetAt: Date.UTC(2026, 7, 21, 12, 41) }],
  ])('are read of every response: for tokens, %s', async (_name, more, expected) => {
    const told: RateLimitHints[] = [];
    const { options } = answeringJson({}, { status: 429, headers: { ...headers, ...more } });
    const call = anthropicAdapter.generate(REQUEST, { ...options, onRateLimitHints: (hints) => told.push(hints) });
    await expect(call).rejects.toMatchObject({ kind: 'rate-limited' });
    const requests = { limit: 1_000, remaining: 999, resetAt: Date.UTC(2026, 7, 21, 12, 40, 59) };
    expect(told).toEqual([{ requests, tokens: expected }]);
  });
});

describe('the bound of a request', () => {
  const of = (over: Partial<ChatRequest>) => anthropicAdapter.bound({ ...REQUEST, ...over }).inputTokens;

  it('counts what NFKC makes of a text', () => {
    const text = (content: string) => of({ messages: [{ role: 'user', content }] });
    expect(text('\ufdfa') - text('')).toBe(33);
  });

  it('covers an image, a document, a signed thought, tools and a schema', () => {
    const source = { kind: 'url', url: 'https://a.test/x' } as const;
    const parts = (content: ChatRequest['messages'][number] & { role: 'user' }) => of({ messages: [content] });
    const none = parts({ role: 'user', content: [] });
    expect(parts({ role: 'user', content: [{ type: 'image', source }] }) - none).toBeGreaterThanOrEqual(5_000);
    expect(parts({ role: 'user', content: [{ type: 'file', source }] }) - none).toBeGreaterThanOrEqual(1_000_000);
    const thought = { type: 'reasoning', text: '', signature: 'x'.repeat(500) } as const;
    expect(of({ messages: [{ role: 'assistant', content: [thought] }] }) - none).toBeGreaterThanOrEqual(500);
    const schema = { type: 'object', description: 'x'.repeat(700) };
    expect(of({ tools: [{ name: 'f', parameters: schema }] }) - of({})).toBeGreaterThanOrEqual(700);
    expect(of({ responseFormat: { type: 'json', schema } }) - of({})).toBeGreaterThanOrEqual(700);
  });
});

/** https://platform.claude.com/docs/en/manage-claude/data-residency#inference-geo */
describe('where Anthropic is to infer', () => {
  const body = { model: 'm', max_tokens: 10, messages: [], inference_geo: 'global' };
  const native = { format: 'anthropic-messages', body, maxOutputTokens: 10 } as const;
  const calls: Record<string, (options: CallOptions) => Promise<unknown>> = {
    generate: (options) => anthropicAdapter.generate(REQUEST, options),
    stream: (options) => anthropicAdapter.stream(REQUEST, options),
    'native generate': async (options) => anthropicAdapter.native?.generate(native, options),
    'native stream': async (options) => anthropicAdapter.native?.stream(native, options),
  };

  it.each(Object.entries(calls))(
    'is in every request of an account of a region, whatever the client says: %s',
    async (name, call) => {
      const answering = () => (name.endsWith('stream') ? answeringEvents([]) : answeringJson(message()));
      const [asked, unasked] = [answering(), answering()];
      await call({ ...asked.options, region: 'us' });
      expect(asked.seen).toMatchObject([{ body: { inference_geo: 'us' } }]);
      await call(unasked.options);
      expect(unasked.seen).not.toMatchObject([{ body: { inference_geo: 'us' } }]);
    },
  );
});
