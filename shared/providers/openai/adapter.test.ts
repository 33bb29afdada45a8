import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest, RateLimitHints } from '../contract.ts';
import { answeringEvents, answeringJson, collect, NOW } from '../testing/answering.ts';
import { openaiAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };

/** The object of https://developers.openai.com/api/reference/resources/chat/subresources/completions/methods/create */
function completion(over: object = {}, message: object = { role: 'assistant', content: 'hello' }, reason = 'stop') {
  return { model: 'gpt-6-luna-2026', choices: [{ index: 0, message, finish_reason: reason }], ...over };
}

describe('OpenAI', () => {
  it('reads totals that include their parts, and keeps what it does not read as raw', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 20, audio_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 0, accepted_prediction_tokens: 0 },
    };
    expect(await openaiAdapter.generate(REQUEST, answeringJson(completion({ usage })).options)).toStrictEqual({
      message: { role: 'assistant', content: 'hello' },
      finishReason: 'stop',
      rawFinishReason: 'stop',
      usage: {
        unified: {
          inputTokens: 100,
          outputTokens: 50,
          cachedInputTokens: 60,
          cacheWriteTokens: 20,
          reasoningTokens: 30,
          audioInputTokens: 5,
          audioOutputTokens: 0,
        },
        raw: usage,
      },
      responseModel: 'gpt-6-luna-2026',
      warnings: [],
    });
  });

  it.each([
    [undefined, undefined],
    [null, undefined],
    [{}, undefined],
    [{ prompt_tokens: -1, completion_tokens: 2 }, undefined],
    ['much', undefined],
    [
      { prompt_tokens: 0, completion_tokens: 2 },
      { inputTokens: 0, outputTokens: 2 },
    ],
    [{ completion_tokens: 2 }, { outputTokens: 2 }],
  ])('usage %j becomes %j: unknown is never 0', async (usage, expected) => {
    const result = await openaiAdapter.generate(REQUEST, answeringJson(completion({ usage })).options);
    expect(result.usage).toStrictEqual({ unified: expected, raw: usage ?? undefined });
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['constructor', 'other'],
  ])('finish reason %s is %s', async (raw, unified) => {
    const result = await openaiAdapter.generate(REQUEST, answeringJson(completion({}, { content: '' }, raw)).options);
    expect(result).toMatchObject({ finishReason: unified, rawFinishReason: raw });
  });

  it('answers a refusal as content that was filtered, and a missing reason as unknown', async () => {
    const refused = completion({}, { content: null, refusal: 'I cannot.' });
    expect(await openaiAdapter.generate(REQUEST, answeringJson(refused).options)).toMatchObject({
      message: { content: 'I cannot.' },
      finishReason: 'content-filter',
      rawFinishReason: 'stop',
    });
    const silent = { choices: [{ message: { content: 'x' } }] };
    expect(await openaiAdapter.generate(REQUEST, answeringJson(silent).options)).toMatchObject({
      finishReason: 'unknown',
      rawFinishReason: null,
      responseModel: null,
    });
  });

  it('answers parallel calls, as calls even where a forced one ends with "stop", and what a search model cites', async () => {
    const message = {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'a', arguments: '{"x":1}' } },
        { id: 'call_2', type: 'function', function: { name: 'b', arguments: '{' } },
      ],
      annotations: [
        { type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A', start_index: 0, end_index: 1 } },
      ],
    };
    expect(await openaiAdapter.generate(REQUEST, answeringJson(completion({}, message)).options)).toMatchObject({
      message: {
        content: '',
        toolCalls: [
          { id: 'call_1', name: 'a', arguments: '{"x":1}' },
          { id: 'call_2', name: 'b', arguments: '{' },
        ],
      },
      finishReason: 'tool-calls',
      sources: [{ url: 'https://a.example', title: 'A' }],
    });
  });

  it.each([
    ['context_length_exceeded', 'context-too-long'],
    ['content_policy_violation', 'content-filtered'],
    ['unsupported_parameter', 'validation'],
  ])('a 400 with code %s is %s', async (code, kind) => {
    const { options } = answeringJson(
      { error: { message: 'No.', type: 'invalid_request_error', code } },
      { status: 400 },
    );
    await expect(openaiAdapter.generate(REQUEST, options)).rejects.toMatchObject({
      kind,
      vendorMessage: 'No.',
      message: `openai answered 400 (${code})`,
    });
  });

  /** https://developers.openai.com/api/reference/resources/chat/subresources/completions/methods/create */
  it.each([
    ['gpt-6-luna', 'none', 'none', 0],
    ['gpt-6-luna', 'high', 'high', 0],
    ['gpt-5.1', 'none', 'none', 0],
    ['gpt-5-4-mini', 'none', 'none', 0],
    ['gpt-5-2025-08-07', 'none', 'low', 1],
    ['gpt-5-mini', 'none', 'low', 1],
    ['gpt-5', 'high', 'high', 0],
    ['o4-mini', 'none', 'low', 1],
    ['gpt-4o-mini', 'none', undefined, 0],
    ['gpt-4.1', 'high', undefined, 1],
    ['ft:gpt-4o-2024-08-06:acme::x', 'low', undefined, 1],
  ] as const)('asks %s for effort %s as %s', async (model, reasoningEffort, effort, warnings) => {
    const { options, seen } = answeringJson(completion());
    const result = await openaiAdapter.generate({ ...REQUEST, reasoningEffort }, { ...options, model });
    expect(Object(seen[0]?.body).reasoning_effort).toBe(effort);
    expect(result.warnings).toHaveLength(warnings);
  });

  it('is given ids of calls that it takes, the same for a call and its result', async () => {
    const ids = [`chatcmpl-tool-${'0'.repeat(32)}`, 'call_1'];
    const messages: ChatMessage[] = [
      { role: 'assistant', content: '', toolCalls: ids.map((id) => ({ id, name: 'f', arguments: '{}' })) },
      ...ids.map((id): ChatMessage => ({ role: 'tool', toolCallId: id, toolName: 'f', content: 'done' })),
    ];
    const { options, seen } = answeringJson(completion());
    await openaiAdapter.generate({ ...REQUEST, messages }, options);
    const [said, first, second] = Object(seen[0]?.body).messages;
    expect(said.tool_calls).toMatchObject([{ id: expect.stringMatching(/^.{1,40}$/) }, { id: 'call_1' }]);
    expect([first, second]).toMatchObject(said.tool_calls.map(({ id }: { id: string }) => ({ tool_call_id: id })));
  });

  it('an answer without choices is a bad response', async () => {
    const { options } = answeringJson({ choices: [] });
    await expect(openaiAdapter.generate(REQUEST, options)).rejects.toMatchObject({ kind: 'bad-response' });
  });

  it('streams, and counts the usage that comes after the finish reason', async () => {
    const chunk = (over: object) => `data: ${JSON.stringify({ model: 'gpt-6-luna-2026', choices: [], ...over })}\n\n`;
    const usage = { prompt_tokens: 3, completion_tokens: 1 };
    const { options, seen } = answeringEvents([
      chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }], usage: null }),
      chunk({ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }], usage: null }),
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null }),
      chunk({ usage }),
      'data: [DONE]\n\n',
    ]);
    const reported = { unified: { inputTokens: 3, outputTokens: 1 }, raw: usage };
    expect(await collect(await openaiAdapter.stream(REQUEST, options))).toEqual([
      { type: 'response-start', responseModel: 'gpt-6-luna-2026' },
      { type: 'text-delta', text: 'Hi' },
      { type: 'usage-update', usage: reported },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'stop', usage: reported },
    ]);
    expect(seen[0]?.body).toEqual({
      model: 'test-model',
      messages: [{ role: 'user', content: 'hi' }],
      max_completion_tokens: 10,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('reads the limits of its account from the headers', async () => {
    // https://developers.openai.com/api/docs/guides/rate-limits#rate-limits-in-headers
    const headers = {
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-limit-tokens': '150000',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-reset-tokens': '6m0s',
    };
    const hints: RateLimitHints[] = [];
    const { options } = answeringJson(completion(), { headers });
    await openaiAdapter.generate(REQUEST, { ...options, onRateLimitHints: (it) => hints.push(it) });
    expect(hints).toEqual([
      {
        requests: { limit: 60, remaining: 59, resetAt: NOW + 1_000 },
        tokens: { limit: 150_000, remaining: 149_984, resetAt: NOW + 360_000 },
      },
    ]);
  });

  it('completes a prompt', async () => {
    // https://developers.openai.com/api/reference/resources/completions/methods/create
    const { options, seen } = answeringJson({
      object: 'text_completion',
      model: 'gpt-3.5-turbo-instruct',
      choices: [{ text: ' world', index: 0, logprobs: null, finish_reason: 'length' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
    expect(await openaiAdapter.complete?.({ prompt: 'hello', maxOutputTokens: 1, seed: 4 }, options)).toMatchObject({
      message: { content: ' world' },
      finishReason: 'length',
      usage: { unified: { inputTokens: 1, outputTokens: 1 } },
    });
    expect(seen[0]).toMatchObject({
      url: 'https://api.openai.com/v1/completions',
      body: { model: 'test-model', prompt: 'hello', max_tokens: 1, seed: 4 },
    });
  });

  it('embeds a batch and answers its vectors in the order of the inputs', async () => {
    // https://developers.openai.com/api/reference/resources/embeddings/methods/create
    const { options, seen } = answeringJson({
      object: 'list',
      model: 'text-embedding-3-small',
      data: [
        { object: 'embedding', index: 1, embedding: [0.5] },
        { object: 'embedding', index: 0, embedding: [-0.25] },
      ],
      usage: { prompt_tokens: 8, total_tokens: 8 },
    });
    expect(await openaiAdapter.embed?.({ inputs: ['a', 'b'], dimensions: 1 }, options)).toStrictEqual({
      embeddings: [[-0.25], [0.5]],
      usage: { unified: { inputTokens: 8 }, raw: { prompt_tokens: 8, total_tokens: 8 } },
      responseModel: 'text-embedding-3-small',
      warnings: [],
    });
    expect(seen[0]).toMatchObject({
      url: 'https://api.openai.com/v1/embeddings',
      body: { model: 'test-model', input: ['a', 'b'], encoding_format: 'float', dimensions: 1 },
    });
  });

  it.each([
    [[{ index: 0, embedding: [1] }]],
    [
      [
        { index: 0, embedding: [1] },
        { index: 0, embedding: [2] },
      ],
    ],
    [
      [
        { index: 0, embedding: [1] },
        { index: 1, embedding: ['2'] },
      ],
    ],
    [
      [
        { index: 0, embedding: [1] },
        { index: 1, embedding: 'AAAA' },
      ],
    ],
  ])('vectors %j for two inputs are a bad response', async (data) => {
    const { options } = answeringJson({ data });
    const result = openaiAdapter.embed?.({ inputs: ['a', 'b'] }, options);
    await expect(result).rejects.toMatchObject({ kind: 'bad-response', billing: 'maybe-billed' });
  });
});
