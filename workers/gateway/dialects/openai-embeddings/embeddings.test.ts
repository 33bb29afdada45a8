import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { openAiEmbeddingList, openAiEmbeddingRequest } from '../../../../shared/contracts/http/openai/embeddings.ts';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { encodeVector } from './encode-vector.ts';
import { readRequest } from './read-request.ts';
import { writeAnswer } from './write-answer.ts';

function answer(output: OrchestrateResponse['output'], usage: OrchestrateResponse['usage']): OrchestrateResponse {
  return {
    requestId: '0198c0de-0000-7000-8000-000000000001',
    status: 'completed',
    output,
    costUsd: null,
    latencyMs: 1,
    provider: 'google',
    model: 'embedder',
    usage,
    rawUsage: null,
    trace: { traceId: 't' },
    warnings: [],
  };
}

const read = (body: object) => readRequest(openAiEmbeddingRequest.parse({ model: 'm', ...body }));

/** OpenAI's own client, which is answered as what it asks for is read. */
function clientOf(response: OrchestrateResponse): OpenAI {
  return new OpenAI({
    apiKey: 'k',
    fetch: async (_, init) => {
      const asked = read(JSON.parse(String(init?.body)));
      if (!asked.ok) throw new Error(asked.error.detail);
      const body = writeAnswer(response, asked.value.encodingFormat);
      expect(openAiEmbeddingList.parse(body)).toEqual(body);
      return Response.json(body);
    },
  });
}

describe('a request to embed', () => {
  it('is read with its options', () => {
    expect(read({ input: 'a' })).toStrictEqual({
      ok: true,
      value: { model: 'm', input: { texts: ['a'] }, unsaid: [], warnings: [], encodingFormat: 'float' },
    });
    expect(read({ input: ['a', 'b'], encoding_format: 'base64', dimensions: 8, user: 'u' })).toStrictEqual({
      ok: true,
      value: {
        model: 'm',
        input: { texts: ['a', 'b'], dimensions: 8 },
        unsaid: [],
        warnings: ['user was ignored: the provider does not support it'],
        encodingFormat: 'base64',
      },
    });
  });

  it.each([
    [[1, 2], '/input', 'must be text: tokens are not offered'],
    [[[1], [2]], '/input', 'must be text: tokens are not offered'],
    [['a', 2], '/input', 'must be text: tokens are not offered'],
    ['', '/input', 'must not be empty'],
    [[], '/input', 'must not be empty'],
    [['a', ''], '/input/1', 'must not be empty'],
    [Array(513).fill('a'), '/input', 'must be at most 512 texts'],
  ])('is refused for %j', (input, pointer, detail) => {
    expect(read({ input })).toMatchObject({ ok: false, error: { code: 'bad_request', errors: [{ pointer, detail }] } });
  });
});

describe('vectors', () => {
  const vector = fc.array(fc.float({ noNaN: true }));

  it('reach OpenAI’s client as they are, whatever form it asks for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(vector, { minLength: 1 }), async (embeddings) => {
        const client = clientOf(answer({ embeddings }, { inputTokens: 4 }));
        const data = embeddings.map((embedding, index) => ({ object: 'embedding', index, embedding }));
        const expected = { object: 'list', data, model: 'embedder', usage: { prompt_tokens: 4, total_tokens: 4 } };
        expect(await client.embeddings.create({ model: 'm', input: 'x' })).toEqual(expected);
      }),
      { numRuns: 30 },
    );
    const client = clientOf(answer({ embeddings: [[0.1, -2]] }, null));
    expect(await client.embeddings.create({ model: 'm', input: 'x', encoding_format: 'float' })).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.1, -2] }],
      model: 'embedder',
    });
  });

  it('are little-endian in text, however long', () => {
    expect(encodeVector([1, -2])).toBe('AACAPwAAAMA=');
    const long = Array.from({ length: 10_000 }, (_, index) => index);
    const bytes = Buffer.from(encodeVector(long), 'base64');
    expect(long.map((index) => bytes.readFloatLE(index * 4))).toEqual(long);
  });

  it('are in no other answer', () => {
    expect(() => writeAnswer(answer(null, null), 'float')).toThrow(TypeError);
  });
});
