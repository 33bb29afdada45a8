import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../contract.ts';
import { answeringEvents, answeringJson, collect } from '../testing/answering.ts';
import { perplexityAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };

/** The object of https://docs.perplexity.ai/api-reference/chat-completions-post */
function completion(over: object = {}, content: unknown = 'hello', reason: string | null = 'stop') {
  return { model: 'sonar', choices: [{ message: { role: 'assistant', content }, finish_reason: reason }], ...over };
}

const RESULT = {
  title: 'A',
  url: 'https://a.example',
  date: '2026-01-02',
  last_updated: null,
  snippet: 'About a.',
  source: 'web',
};

describe('Perplexity', () => {
  it('adds the reasoning and the citations of deep research to output and input', async () => {
    const usage = {
      prompt_tokens: 33,
      completion_tokens: 7_163,
      total_tokens: 7_196,
      citation_tokens: 20_016,
      num_search_queries: 18,
      reasoning_tokens: 73_997,
      cost: { total_cost: 0.4 },
    };
    expect(await perplexityAdapter.generate(REQUEST, answeringJson(completion({ usage })).options)).toStrictEqual({
      message: { role: 'assistant', content: 'hello' },
      finishReason: 'stop',
      rawFinishReason: 'stop',
      usage: {
        unified: { inputTokens: 20_049, outputTokens: 81_160, reasoningTokens: 73_997, searches: 18 },
        raw: usage,
      },
      responseModel: 'sonar',
      warnings: [],
    });
  });

  it.each([
    [undefined, undefined],
    [{ prompt_tokens: 5 }, { inputTokens: 5 }],
    [
      { prompt_tokens: 5, completion_tokens: 2, reasoning_tokens: null },
      { inputTokens: 5, outputTokens: 2 },
    ],
    [{ prompt_tokens: 1.5 }, undefined],
  ])('usage %j becomes %j', async (usage, expected) => {
    const result = await perplexityAdapter.generate(REQUEST, answeringJson(completion({ usage })).options);
    expect(result.usage.unified).toStrictEqual(expected);
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['something_new', 'other'],
    [null, 'unknown'],
  ])('finish reason %s is %s', async (raw, unified) => {
    const { options } = answeringJson(completion({}, [{ type: 'text', text: 'x' }], raw));
    expect(await perplexityAdapter.generate(REQUEST, options)).toMatchObject({
      message: { content: 'x' },
      finishReason: unified,
      rawFinishReason: raw,
    });
  });

  it.each([
    [
      { citations: ['https://a.example', 'https://b.example'] },
      [{ url: 'https://a.example' }, { url: 'https://b.example' }],
    ],
    [
      { citations: ['https://a.example'], search_results: [RESULT] },
      [{ url: 'https://a.example', title: 'A', date: '2026-01-02', snippet: 'About a.' }],
    ],
    [{ citations: null, search_results: [] }, undefined],
  ])('cites %j as sources', async (over, sources) => {
    const result = await perplexityAdapter.generate(REQUEST, answeringJson(completion(over)).options);
    expect(result.sources).toEqual(sources);
  });

  it('streams each source once, usage in every chunk, and may leave [DONE] out', async () => {
    // https://docs.perplexity.ai/guides/streaming-responses
    const chunk = (content: string, count: number, over: object = {}) => {
      const choice = { index: 0, delta: { role: 'assistant', content }, finish_reason: null, ...over };
      const usage = { prompt_tokens: 3, completion_tokens: count };
      const citations = ['https://a.example'];
      return `data: ${JSON.stringify({ model: 'sonar', usage, citations, search_results: [RESULT], choices: [choice] })}\n\n`;
    };
    const { options } = answeringEvents([chunk('a', 1), chunk('b', 2), chunk('', 2, { finish_reason: 'stop' })]);
    const parts = await collect(await perplexityAdapter.stream(REQUEST, options));
    expect(parts.map(({ type }) => type)).toEqual([
      'response-start',
      'source',
      'text-delta',
      'usage-update',
      'text-delta',
      'usage-update',
      'usage-update',
      'finish',
    ]);
    expect(parts.at(-1)).toMatchObject({
      finishReason: 'stop',
      usage: { unified: { inputTokens: 3, outputTokens: 2 } },
    });
  });

  it('fits the request to what Sonar knows', async () => {
    const { options, seen } = answeringJson(completion());
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'system', content: 'be brief' },
    ] as const;
    const request: ChatRequest = {
      ...REQUEST,
      messages,
      seed: 1,
      topK: 3,
      reasoningEffort: 'none',
      responseFormat: { type: 'json' },
      tools: [{ name: 'a', parameters: {} }],
    };
    const result = await perplexityAdapter.generate(request, options);
    expect(seen[0]?.url).toBe('https://api.perplexity.ai/chat/completions');
    expect(seen[0]?.body).toEqual({
      model: 'test-model',
      messages: [messages[1], messages[0]],
      max_tokens: 10,
      top_k: 3,
      response_format: { type: 'json_schema', json_schema: { name: 'response', schema: { type: 'object' } } },
    });
    expect(result.warnings).toEqual([
      'system messages were moved ahead of the conversation',
      'reasoningEffort none was ignored: the provider does not support it',
      'seed was ignored: the provider does not support it',
      'tools was ignored: the provider does not support it',
    ]);
  });

  it('embeds into bytes', async () => {
    // https://docs.perplexity.ai/api-reference/embeddings-post
    const { options, seen } = answeringJson({
      model: 'pplx-embed-v1-0.6b',
      data: [{ object: 'embedding', index: 0, embedding: btoa('\u0001\u00ff\u0080') }],
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
    const result = await perplexityAdapter.embed?.({ inputs: ['a'] }, options);
    expect(result?.embeddings).toEqual([[1, -1, -128]]);
    expect(seen[0]).toMatchObject({
      url: 'https://api.perplexity.ai/v1/embeddings',
      body: { input: ['a'], encoding_format: 'base64_int8' },
    });
  });

  it.each([
    [{ error: { message: 'Bad key.', type: 'invalid_parameter', code: 400 } }, 'Bad key.', 'invalid_parameter'],
    [{ detail: [{ loc: ['body'], msg: 'Field required', type: 'missing' }] }, 'Field required', 'missing'],
  ])('reads the error %j', async (body, sentence, code) => {
    const { options } = answeringJson(body, { status: 422 });
    await expect(perplexityAdapter.generate(REQUEST, options)).rejects.toMatchObject({
      kind: 'validation',
      vendorMessage: sentence,
      message: `perplexity answered 422 (${code})`,
    });
  });
});
