import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../contract.ts';
import { answeringJson } from '../testing/answering.ts';
import { perplexityAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };

function completion(over: object = {}, content: unknown = 'hello', reason: string | null = 'stop') {
  return { model: 'sonar', choices: [{ message: { role: 'assistant', content }, finish_reason: reason }], ...over };
}

describe('Perplexity', () => {
  it('adds the reasoning of deep research to the output', async () => {
    const usage = {
      prompt_tokens: 33,
      completion_tokens: 7_163,
      total_tokens: 7_196,
      citation_tokens: 20_016,
      num_search_queries: 18,
      reasoning_tokens: 73_997,
    };
    expect(await perplexityAdapter.generate(REQUEST, answeringJson(completion({ usage })).options)).toStrictEqual({
      message: { role: 'assistant', content: 'hello' },
      finishReason: 'stop',
      rawFinishReason: 'stop',
      usage: { inputTokens: 33, outputTokens: 81_160, reasoningTokens: 73_997 },
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
  ])('usage %j becomes %j', async (usage, expected) => {
    const result = await perplexityAdapter.generate(REQUEST, answeringJson(completion({ usage })).options);
    expect(result.usage).toStrictEqual(expected);
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

  it('puts system messages first and warns of a seed', async () => {
    const { options, seen } = answeringJson(completion());
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'system', content: 'be brief' },
    ] as const;
    const result = await perplexityAdapter.generate({ ...REQUEST, messages, seed: 1 }, options);
    expect(seen[0]).toMatchObject({
      url: 'https://api.perplexity.ai/chat/completions',
      body: { messages: [messages[1], messages[0]], max_tokens: 10 },
    });
    expect(result.warnings).toEqual([
      'system messages were moved ahead of the conversation',
      'seed was ignored: the provider does not support it',
    ]);
  });

  it.each([
    [{ error: { message: 'Invalid model.', type: 'invalid_model', code: 400 } }, 'Invalid model.', 'invalid_model'],
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
