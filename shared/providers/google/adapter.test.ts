import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../contract.ts';
import { answeringJson } from '../testing/answering.ts';
import { googleAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };
const VERTEX = 'https://europe-west4-aiplatform.googleapis.com/v1/projects/acme/locations/europe-west4';

function generation(over: object = {}, candidate: object = {}) {
  const content = { role: 'model', parts: [{ text: 'hm', thought: true }, { text: 'hel' }, { text: 'lo' }] };
  return { candidates: [{ content, finishReason: 'STOP', ...candidate }], modelVersion: 'gemini', ...over };
}

const generate = (answer: object) => googleAdapter.generate(REQUEST, answeringJson(answer).options);

describe('an answer of Gemini', () => {
  /** https://ai.google.dev/api/generate-content#UsageMetadata */
  it('counts thoughts as output, tool results as input, and leaves thoughts out of the text', async () => {
    const usageMetadata = {
      promptTokenCount: 90,
      toolUsePromptTokenCount: 10,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 150,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 50 },
        { modality: 'AUDIO', tokenCount: 40 },
      ],
      candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: 20 }],
    };
    expect(await generate(generation({ usageMetadata }))).toStrictEqual({
      message: { role: 'assistant', content: 'hello', reasoning: [{ type: 'reasoning', text: 'hm' }] },
      finishReason: 'stop',
      rawFinishReason: 'STOP',
      usage: {
        unified: {
          inputTokens: 100,
          outputTokens: 50,
          cachedInputTokens: 60,
          reasoningTokens: 30,
          audioInputTokens: 40,
          audioOutputTokens: 0,
        },
        raw: usageMetadata,
      },
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
  ])('usage %j becomes %j and stays beside it', async (usageMetadata, unified) => {
    expect((await generate(generation({ usageMetadata }))).usage).toStrictEqual({ unified, raw: usageMetadata });
  });

  /**
   * https://ai.google.dev/gemini-api/docs/function-calling#parallel_function_calling
   * https://ai.google.dev/gemini-api/docs/thought-signatures
   */
  it('has calls with signatures, and ids where Gemini gives none', async () => {
    const parts = [
      { functionCall: { id: 'fc-1', name: 'get_weather', args: { city: 'Paris' } }, thoughtSignature: 'sigA' },
      { functionCall: { name: 'get_time' } },
      { text: '', thoughtSignature: 'sigB' },
    ];
    expect(await generate(generation({}, { content: { role: 'model', parts } }))).toMatchObject({
      message: {
        content: '',
        reasoning: [{ type: 'reasoning', text: '', signature: 'sigB' }],
        toolCalls: [
          { id: 'fc-1', name: 'get_weather', arguments: '{"city":"Paris"}', signature: 'sigA' },
          { id: 'generated-1', name: 'get_time', arguments: '{}' },
        ],
      },
      finishReason: 'tool-calls',
      rawFinishReason: 'STOP',
    });
  });

  /** https://ai.google.dev/gemini-api/docs/google-search#understanding_the_grounding_response */
  it('names the pages that it is grounded in, and counts its searches', async () => {
    const groundingMetadata = {
      webSearchQueries: ['UEFA Euro 2024 winner', 'who won euro 2024'],
      searchEntryPoint: { renderedContent: '<div>' },
      groundingChunks: [{ web: { uri: 'https://a.test/1', title: 'a.test' } }, { retrievedContext: {} }],
    };
    expect(await generate(generation({ usageMetadata: { promptTokenCount: 1 } }, { groundingMetadata }))).toMatchObject(
      {
        sources: [{ url: 'https://a.test/1', title: 'a.test' }],
        usage: { unified: { inputTokens: 1, searches: 2 } },
      },
    );
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
  ])('with the finish reason %s is finished by %s', async (raw, unified) => {
    expect(await generate(generation({}, { finishReason: raw, content: {} }))).toMatchObject({
      message: { content: '' },
      finishReason: unified,
      rawFinishReason: raw,
    });
  });

  it('to a blocked prompt has its usage, since its input is billed', async () => {
    const usageMetadata = { promptTokenCount: 5, totalTokenCount: 5 };
    expect(await generate({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata })).toMatchObject({
      message: { content: '' },
      finishReason: 'content-filter',
      rawFinishReason: 'PROHIBITED_CONTENT',
      usage: { unified: { inputTokens: 5, outputTokens: 0 } },
    });
  });

  it.each([{ candidates: [] }, generation({}, { content: { parts: [{ functionCall: {} }] } })])(
    'that has neither candidate nor reason, or a call without a name, is a bad response (%#)',
    async (answer) => {
      await expect(generate(answer)).rejects.toMatchObject({ kind: 'bad-response' });
    },
  );
});

describe('a model of Gemini', () => {
  it('keeps its name inside its path segment', async () => {
    const { options, seen } = answeringJson(generation());
    await googleAdapter.generate(REQUEST, { ...options, model: '../tunedModels/x?key=1' });
    expect(seen[0]?.url).toBe(
      'https://generativelanguage.googleapis.com/v1beta/models/..%2FtunedModels%2Fx%3Fkey%3D1:generateContent',
    );
    expect(seen[0]?.headers.get('x-goog-api-key')).toBe('test-key');
  });

  /** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
  it.each([VERTEX, `${VERTEX}/`, VERTEX.replace('/v1/', '/'), VERTEX.replace('/v1/', '/v1beta1/')])(
    'on Vertex AI is called at %s with the access token alone',
    async (baseUrl) => {
      const credentials = { apiKey: 'unused', accessToken: 'ya29.token' };
      const { options, seen } = answeringJson(generation(), undefined);
      await googleAdapter.generate(REQUEST, { ...options, baseUrl, credentials });
      const base = baseUrl.includes('/v1') ? baseUrl.replace(/\/$/, '') : VERTEX;
      expect(seen[0]?.url).toBe(`${base}/publishers/google/models/test-model:generateContent`);
      expect(seen[0]?.headers.get('authorization')).toBe('Bearer ya29.token');
      expect(seen[0]?.headers.has('x-goog-api-key')).toBe(false);
    },
  );

  it.each([undefined, 'https://europe-west4-aiplatform.googleapis.com', `${VERTEX}/endpoints/1`])(
    'on Vertex AI needs a project and a location, which %s does not name',
    async (baseUrl) => {
      const credentials = { apiKey: '', accessToken: 'ya29.token' };
      const { options, seen } = answeringJson(generation());
      const call = googleAdapter.generate(REQUEST, { ...options, ...(baseUrl && { baseUrl }), credentials });
      await expect(call).rejects.toMatchObject({ kind: 'auth', billing: 'not-billed' });
      expect(seen).toEqual([]);
    },
  );
});

describe('embeddings of Gemini', () => {
  /** https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
  it('come in the order of their inputs', async () => {
    const answer = { embeddings: [{ values: [0.1, -0.2] }, { values: [1, 2] }] };
    const { options, seen } = answeringJson({ ...answer, usageMetadata: { promptTokenCount: 7 } });
    expect(await googleAdapter.embed?.({ inputs: ['a', 'b'], dimensions: 2 }, options)).toEqual({
      embeddings: [
        [0.1, -0.2],
        [1, 2],
      ],
      usage: { unified: { inputTokens: 7 }, raw: { promptTokenCount: 7 } },
      responseModel: null,
      warnings: [],
    });
    const request = (text: string) => ({
      model: 'models/test-model',
      content: { parts: [{ text }] },
      outputDimensionality: 2,
    });
    expect(seen).toMatchObject([
      {
        url: expect.stringMatching(/\/models\/test-model:batchEmbedContents$/),
        body: { requests: ['a', 'b'].map(request) },
      },
    ]);
  });

  /** https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.publishers.models/batchEmbedContents */
  it('on Vertex AI name the model once', async () => {
    const { options, seen } = answeringJson({ embeddings: [{ values: [1] }] });
    const credentials = { apiKey: '', accessToken: 'ya29.token' };
    await googleAdapter.embed?.({ inputs: ['a'] }, { ...options, baseUrl: VERTEX, credentials });
    expect(seen).toMatchObject([{ url: `${VERTEX}/publishers/google/models/test-model:batchEmbedContents` }]);
    expect(seen[0]?.body).toEqual({ requests: [{ content: { parts: [{ text: 'a' }] } }] });
  });

  it('that are fewer than the inputs are a bad response', async () => {
    const { options } = answeringJson({ embeddings: [{ values: [1] }] });
    const call = googleAdapter.embed?.({ inputs: ['a', 'b'] }, options);
    await expect(call).rejects.toMatchObject({ kind: 'bad-response' });
  });
});

describe('an error of Gemini', () => {
  /** https://ai.google.dev/gemini-api/docs/troubleshooting, https://cloud.google.com/apis/design/errors#error_details */
  it('has the time to wait in its body', async () => {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId: 'x' }] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.074824224s' },
    ];
    const error = { code: 429, message: 'Quota exceeded.', status: 'RESOURCE_EXHAUSTED', details };
    for (const body of [{ error }, [{ error }]]) {
      const { options } = answeringJson(body, { status: 429 });
      await expect(googleAdapter.generate(REQUEST, options)).rejects.toMatchObject({
        kind: 'rate-limited',
        retryAfterMs: 34_075,
        message: 'google answered 429 (RESOURCE_EXHAUSTED)',
      });
    }
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
  ])('400 %s %s "%s" is %s', async (status, reason, message, kind) => {
    const details = reason ? [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }] : undefined;
    const { options } = answeringJson({ error: { code: 400, message, status, details } }, { status: 400 });
    await expect(googleAdapter.generate(REQUEST, options)).rejects.toMatchObject({ kind });
  });
});
