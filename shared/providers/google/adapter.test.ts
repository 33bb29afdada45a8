import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../contract.ts';
import { answeringJson } from '../testing/answering.ts';
import { googleAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };

function generation(over: object = {}, candidate: object = {}) {
  const content = { role: 'model', parts: [{ text: 'hm', thought: true }, { text: 'hel' }, { text: 'lo' }] };
  return { candidates: [{ content, finishReason: 'STOP', ...candidate }], modelVersion: 'gemini', ...over };
}

describe('Gemini', () => {
  it('counts thoughts as output, tool results as input, and leaves thoughts out of the text', async () => {
    const usageMetadata = {
      promptTokenCount: 90,
      toolUsePromptTokenCount: 10,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 150,
    };
    const { options } = answeringJson(generation({ usageMetadata }));
    expect(await googleAdapter.generate(REQUEST, options)).toStrictEqual({
      message: { role: 'assistant', content: 'hello' },
      finishReason: 'stop',
      rawFinishReason: 'STOP',
      usage: { inputTokens: 100, outputTokens: 50, cachedInputTokens: 60, reasoningTokens: 30 },
      responseModel: 'gemini',
      warnings: [],
    });
  });

  it.each([
    [undefined, undefined],
    [{ promptTokenCount: 5 }, { inputTokens: 5 }],
    [
      { promptTokenCount: 5, totalTokenCount: 5 },
      { inputTokens: 5, outputTokens: 0 },
    ],
    [{ promptTokenCount: 5, totalTokenCount: 4 }, { inputTokens: 5 }],
    [
      { promptTokenCount: 5, thoughtsTokenCount: 7, totalTokenCount: 12 },
      { inputTokens: 5, outputTokens: 7, reasoningTokens: 7 },
    ],
  ])('usage %j becomes %j', async (usageMetadata, expected) => {
    const result = await googleAdapter.generate(REQUEST, answeringJson(generation({ usageMetadata })).options);
    expect(result.usage).toStrictEqual(expected);
  });

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content-filter'],
    ['RECITATION', 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', 'error'],
    ['LANGUAGE', 'other'],
    ['SOMETHING_NEW', 'other'],
    [null, 'unknown'],
  ])('finish reason %s is %s', async (raw, unified) => {
    const { options } = answeringJson(generation({}, { finishReason: raw, content: {} }));
    expect(await googleAdapter.generate(REQUEST, options)).toMatchObject({
      message: { content: '' },
      finishReason: unified,
      rawFinishReason: raw,
    });
  });

  it('answers a blocked prompt with its usage, since its input is billed', async () => {
    const usageMetadata = { promptTokenCount: 5, totalTokenCount: 5 };
    const { options } = answeringJson({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata });
    expect(await googleAdapter.generate(REQUEST, options)).toMatchObject({
      message: { content: '' },
      finishReason: 'content-filter',
      rawFinishReason: 'PROHIBITED_CONTENT',
      usage: { inputTokens: 5, outputTokens: 0 },
    });
  });

  it('keeps a model name inside its path segment', async () => {
    const { options, seen } = answeringJson(generation());
    await googleAdapter.generate(REQUEST, { ...options, model: '../tunedModels/x?key=1' });
    expect(seen[0]?.url).toBe(
      'https://generativelanguage.googleapis.com/v1beta/models/..%2FtunedModels%2Fx%3Fkey%3D1:generateContent',
    );
    expect(seen[0]?.headers.get('x-goog-api-key')).toBe('test-key');
  });

  it('finds the time to wait in the body', async () => {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'x' }] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.074824224s' },
    ];
    const error = { code: 429, message: 'Quota exceeded.', status: 'RESOURCE_EXHAUSTED', details };
    const { options } = answeringJson({ error }, { status: 429 });
    await expect(googleAdapter.generate(REQUEST, options)).rejects.toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 34_075,
      message: 'google answered 429 (RESOURCE_EXHAUSTED)',
    });
  });

  it.each([
    ['INVALID_ARGUMENT', 'API_KEY_INVALID', 'API key not valid.', 'auth'],
    ['FAILED_PRECONDITION', undefined, 'User location is not supported for the API use.', 'auth'],
    [
      'INVALID_ARGUMENT',
      undefined,
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
      'context-too-long',
    ],
    ['INVALID_ARGUMENT', undefined, 'Invalid value at generation_config.', 'validation'],
  ])('a 400 %s %s "%s" is %s', async (status, reason, message, kind) => {
    const details = reason ? [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }] : undefined;
    const { options } = answeringJson({ error: { code: 400, message, status, details } }, { status: 400 });
    await expect(googleAdapter.generate(REQUEST, options)).rejects.toMatchObject({ kind });
  });

  it('an answer with neither candidate nor block reason is a bad response', async () => {
    const { options } = answeringJson({ candidates: [] });
    await expect(googleAdapter.generate(REQUEST, options)).rejects.toMatchObject({ kind: 'bad-response' });
  });
});
