import { describe, expect, it } from 'vitest';
import type { ChatRequest, RateLimitHints } from '../contract.ts';
import { answeringEvents, answeringJson, collect } from '../testing/answering.ts';
import { mistralAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };
const CHOICE = { message: { content: 'x' }, finish_reason: 'model_length' };

describe('Mistral', () => {
  it('has its own names for seed and a required call', async () => {
    const { options, seen } = answeringJson({ choices: [CHOICE] });
    const result = await mistralAdapter.generate(
      { ...REQUEST, seed: 7, toolChoice: 'required', reasoningEffort: 'low', topK: 3 },
      options,
    );
    expect(seen[0]).toMatchObject({ url: 'https://api.mistral.ai/v1/chat/completions' });
    expect(seen[0]?.body).toEqual({
      model: 'test-model',
      messages: REQUEST.messages,
      max_tokens: 10,
      random_seed: 7,
      tool_choice: 'any',
      reasoning_effort: 'high',
    });
    expect(result).toMatchObject({
      finishReason: 'length',
      rawFinishReason: 'model_length',
      warnings: [
        'reasoningEffort low was raised to high: the provider knows only that and none',
        'topK was ignored: the provider does not support it',
      ],
    });
  });

  it('is given ids of its own form, the same for a call and its result, and its thoughts back', async () => {
    const { options, seen } = answeringJson({ choices: [CHOICE] });
    await mistralAdapter.generate(
      {
        ...REQUEST,
        messages: [
          {
            role: 'assistant',
            content: [
              { type: 'reasoning', text: 'hm' },
              { type: 'text', text: 'a' },
            ],
            toolCalls: [{ id: 'call_0-Abcdefghij', name: 'f', arguments: '{}' }],
          },
          { role: 'tool', toolCallId: 'call_0-Abcdefghij', toolName: 'f', content: '1' },
          { role: 'tool', toolCallId: 'Abcdef123', toolName: 'f', content: '2' },
        ],
      },
      options,
    );
    const id = expect.stringMatching(/^[a-zA-Z0-9]{9}$/);
    expect(seen[0]?.body).toMatchObject({
      messages: [
        {
          content: [
            { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
            { type: 'text', text: 'a' },
          ],
          tool_calls: [{ id }],
        },
        { tool_call_id: id },
        { tool_call_id: 'Abcdef123' },
      ],
    });
  });

  it('is not given a thought that only another vendor can read', async () => {
    const { options, seen } = answeringJson({ choices: [CHOICE] });
    const hidden = { type: 'reasoning', text: '', signature: 'redacted_thinking:data' } as const;
    const { warnings } = await mistralAdapter.generate(
      {
        ...REQUEST,
        messages: [
          { role: 'assistant', content: [hidden, { type: 'text', text: 'a' }] },
          { role: 'assistant', content: [hidden] },
          { role: 'user', content: 'hi' },
        ],
      },
      options,
    );
    expect(seen[0]?.body).toMatchObject({
      messages: [
        { role: 'assistant', content: 'a' },
        { role: 'user', content: 'hi' },
      ],
    });
    expect(warnings).toEqual(['reasoning without a text was ignored: the provider does not support it']);
  });

  it('streams thoughts in parts and usage in its last chunk, and is not asked for it', async () => {
    // https://docs.mistral.ai/capabilities/reasoning and https://docs.mistral.ai/api/endpoint/chat
    const chunk = (delta: object, over: object = {}) =>
      `data: ${JSON.stringify({ model: 'magistral', choices: [{ index: 0, delta, finish_reason: null, ...over }] })}\n\n`;
    const thought = (text: string) => ({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] });
    const usage = { prompt_tokens: 10, total_tokens: 56, completion_tokens: 46 };
    const last = { model: 'magistral', choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }], usage };
    const { options, seen } = answeringEvents([
      chunk({ role: 'assistant', ...thought('Two') }),
      chunk(thought(' and two.')),
      chunk({ content: [{ type: 'text', text: '4' }] }),
      `data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`,
    ]);
    const reported = { unified: { inputTokens: 10, outputTokens: 46 }, raw: usage };
    expect(await collect(await mistralAdapter.stream(REQUEST, options))).toEqual([
      { type: 'response-start', responseModel: 'magistral' },
      { type: 'reasoning-delta', text: 'Two' },
      { type: 'reasoning-delta', text: ' and two.' },
      { type: 'reasoning-end' },
      { type: 'text-delta', text: '4' },
      { type: 'usage-update', usage: reported },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'stop', usage: reported },
    ]);
    expect(seen[0]?.body).not.toHaveProperty('stream_options');
  });

  it('answers thoughts in parts', async () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: '4' },
    ];
    const { options } = answeringJson({ choices: [{ message: { content }, finish_reason: 'stop' }] });
    expect((await mistralAdapter.generate(REQUEST, options)).message).toStrictEqual({
      role: 'assistant',
      content: '4',
      reasoning: [{ type: 'reasoning', text: 'hm' }],
    });
  });

  it('has its own name for dimensions', async () => {
    // https://docs.mistral.ai/api/endpoint/embeddings
    const { options, seen } = answeringJson({ data: [{ index: 0, embedding: [1] }], usage: { prompt_tokens: 1 } });
    await mistralAdapter.embed?.({ inputs: ['a'], dimensions: 1 }, options);
    expect(seen[0]?.body).toEqual({ model: 'test-model', input: ['a'], encoding_format: 'float', output_dimension: 1 });
  });

  it('tells its limits by the minute', async () => {
    const hints: RateLimitHints[] = [];
    const headers = { 'x-ratelimit-limit-req-minute': '60', 'x-ratelimit-remaining-tokens-minute': '9' };
    const { options } = answeringJson({ choices: [CHOICE] }, { headers });
    await mistralAdapter.generate(REQUEST, { ...options, onRateLimitHints: (it) => hints.push(it) });
    expect(hints).toEqual([
      {
        requests: { limit: 60, remaining: null, resetAt: null },
        tokens: { limit: null, remaining: 9, resetAt: null },
      },
    ]);
  });

  it('explains an error without an envelope', async () => {
    const body = { object: 'error', message: 'Invalid model: x', type: 'invalid_model', param: null, code: '1500' };
    const { options } = answeringJson(body, { status: 400 });
    await expect(mistralAdapter.generate(REQUEST, options)).rejects.toMatchObject({
      kind: 'model-not-found',
      vendorMessage: 'Invalid model: x',
      message: 'mistral answered 400 (1500)',
    });
  });
});
