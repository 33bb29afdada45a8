import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { openAiCompletion, openAiCompletionRequest } from '../../../../shared/contracts/http/openai/completions.ts';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import type { StreamPart } from '../../../../shared/providers/contract.ts';
import { asChat, readRequest } from './read-request.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { writeAnswer } from './write-answer.ts';

const REQUEST_ID = '0198c0de-0000-7000-8000-000000000001';
const STARTED_AT = 1_700_000_000_999;
const REQUEST = { model: 'm', prompt: 'Once' };

function answer(output: OrchestrateResponse['output']): OrchestrateResponse {
  return {
    requestId: REQUEST_ID,
    status: 'completed',
    output,
    costUsd: null,
    latencyMs: 1,
    provider: 'openai',
    model: 'davinci',
    usage: { inputTokens: 3, outputTokens: 2 },
    rawUsage: null,
    trace: { traceId: 't' },
    warnings: [],
  };
}

const COMPLETED = answer({ text: ' upon', finishReason: 'length', rawFinishReason: 'length' });
const CHATTED = answer({
  message: { role: 'assistant', content: ' upon', reasoning: [{ type: 'reasoning', text: 'Hm.' }] },
  finishReason: 'tool-calls',
  rawFinishReason: null,
});

const read = (body: object) => readRequest(openAiCompletionRequest.parse({ ...REQUEST, ...body }));

describe('a completion of OpenAI', () => {
  it('is read with its options, whether its prompt is a text or a list of one', () => {
    const options = { max_tokens: 5, temperature: 0, top_p: 0.5, stop: 'END', seed: 1, n: 1 };
    const input = { prompt: 'Once', maxOutputTokens: 5, temperature: 0, topP: 0.5, stop: ['END'], seed: 1 };
    const value = { model: 'm', input, unsaid: [], warnings: [], stream: false, includeUsage: false };
    expect(read(options)).toStrictEqual({ ok: true, value });
    expect(read({ ...options, prompt: ['Once'] })).toStrictEqual({ ok: true, value });
    expect(asChat(input)).toStrictEqual({
      messages: [{ role: 'user', content: 'Once' }],
      maxOutputTokens: 5,
      temperature: 0,
      topP: 0.5,
      stop: ['END'],
      seed: 1,
    });
  });

  it('may ask for a stream, and is told which limit applies where it has none', () => {
    expect(read({ stream: true, stream_options: { include_usage: true }, best_of: 2, echo: true })).toMatchObject({
      value: {
        input: { prompt: 'Once' },
        stream: true,
        includeUsage: true,
        warnings: ['max_tokens was not set: 4096 applies'],
      },
    });
  });

  it.each([
    [[1, 2], 'must be a text: tokens are not offered'],
    [[[1, 2]], 'must be a text: tokens are not offered'],
    [['a', 'b'], 'must be one text: several prompts are not offered'],
    [[], 'must not be empty'],
    ['', 'must not be empty'],
  ])('is refused for the prompt %j', (prompt, detail) => {
    expect(read({ prompt })).toEqual({
      ok: false,
      error: {
        code: 'bad_request',
        detail: `The request is not valid. /prompt: ${detail}`,
        errors: [{ pointer: '/prompt', detail }],
      },
    });
  });

  it.each([
    [COMPLETED, 'length'],
    [CHATTED, 'stop'],
  ])('is answered as OpenAI’s client reads it', async (response, finish_reason) => {
    const body = writeAnswer(response, STARTED_AT);
    const client = new OpenAI({ apiKey: 'k', fetch: async () => Response.json(body) });
    expect(await client.completions.create(REQUEST)).toEqual({
      id: `cmpl-${REQUEST_ID}`,
      object: 'text_completion',
      created: 1_700_000_000,
      model: 'davinci',
      choices: [{ text: ' upon', index: 0, logprobs: null, finish_reason }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    expect(openAiCompletion.parse(body)).toEqual(body);
  });

  it('is none of another kind of request', () => {
    expect(() => writeAnswer(answer({ embeddings: [] }), 0)).toThrow(TypeError);
    expect(() => writeAnswer(answer(null), 0)).toThrow(TypeError);
  });
});

describe('a streamed completion', () => {
  const parts: StreamPart[] = [
    { type: 'response-start', responseModel: null },
    { type: 'reasoning-delta', text: 'Hm.' },
    { type: 'text-delta', text: ' "up' },
    { type: 'text-delta', text: 'on"' },
  ];

  async function stream(includeUsage: boolean, end: 'completed' | 'failed') {
    const encoder = createStreamEncoder({ includeUsage });
    const error = { code: 'provider_overloaded', detail: 'Busy.' } as const;
    const start = {
      requestId: REQUEST_ID,
      provider: 'openai',
      model: 'davinci',
      traceId: 't',
      startedAt: STARTED_AT,
    } as const;
    const text =
      encoder.start(start) +
      encoder.parts(parts.slice(0, 2)) +
      encoder.parts(parts.slice(2)) +
      encoder.end(
        end === 'completed' ? { event: end, response: COMPLETED } : { event: end, response: COMPLETED, error },
      );
    const headers = { 'content-type': 'text/event-stream' };
    const client = new OpenAI({ apiKey: 'k', fetch: async () => new Response(text, { headers }) });
    const chunks = [];
    for await (const chunk of await client.completions.create({ ...REQUEST, stream: true })) chunks.push(chunk);
    return { chunks, text };
  }

  it('is what OpenAI’s client reads, with its usage where asked for', async () => {
    const { chunks, text } = await stream(true, 'completed');
    expect(chunks.flatMap(({ choices }) => choices)).toEqual([
      { text: ' "up', index: 0, logprobs: null, finish_reason: null },
      { text: 'on"', index: 0, logprobs: null, finish_reason: null },
      { text: '', index: 0, logprobs: null, finish_reason: 'length' },
    ]);
    expect(chunks.at(-1)).toEqual({
      id: `cmpl-${REQUEST_ID}`,
      object: 'text_completion',
      created: 1_700_000_000,
      model: 'davinci',
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    for (const chunk of chunks) expect(openAiCompletion.parse(chunk)).toEqual(chunk);
    expect((await stream(false, 'completed')).text).not.toContain('usage');
  });

  it('throws in the client when it fails', async () => {
    await expect(stream(true, 'failed')).rejects.toMatchObject({ code: 'provider_overloaded', message: 'Busy.' });
  });
});
