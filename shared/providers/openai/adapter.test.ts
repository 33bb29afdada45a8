import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../contract.ts';
import { answeringJson } from '../testing/answering.ts';
import { openaiAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };

function completion(over: object = {}, message: object = { role: 'assistant', content: 'hello' }, reason = 'stop') {
  return { model: 'gpt-6-luna-2026', choices: [{ index: 0, message, finish_reason: reason }], ...over };
}

describe('OpenAI', () => {
  it('reads totals that include their parts', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 20, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 30 },
    };
    expect(await openaiAdapter.generate(REQUEST, answeringJson(completion({ usage })).options)).toStrictEqual({
      message: { role: 'assistant', content: 'hello' },
      finishReason: 'stop',
      rawFinishReason: 'stop',
      usage: {
        inputTokens: 100,
        outputTokens: 50,
        cachedInputTokens: 60,
        cacheWriteTokens: 20,
        reasoningTokens: 30,
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
    [
      { prompt_tokens: 0, completion_tokens: 2 },
      { inputTokens: 0, outputTokens: 2 },
    ],
    [{ completion_tokens: 2 }, { outputTokens: 2 }],
  ])('usage %j becomes %j: unknown is never 0', async (usage, expected) => {
    const result = await openaiAdapter.generate(REQUEST, answeringJson(completion({ usage })).options);
    expect(result.usage).toStrictEqual(expected);
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

  it('reads the error of a compatible server that numbers its codes', async () => {
    const { options } = answeringJson({ error: { message: 'No.', code: 400 } }, { status: 400 });
    await expect(openaiAdapter.generate(REQUEST, options)).rejects.toMatchObject({ vendorMessage: 'No.' });
  });

  it('an answer without choices is a bad response', async () => {
    const { options } = answeringJson({ choices: [] });
    await expect(openaiAdapter.generate(REQUEST, options)).rejects.toMatchObject({ kind: 'bad-response' });
  });
});
