import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../contract.ts';
import { answeringJson } from '../testing/answering.ts';
import { anthropicAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };

function message(over: object = {}) {
  return { model: 'claude', content: [{ type: 'text', text: 'hello' }], stop_reason: 'end_turn', ...over };
}

describe('Anthropic', () => {
  it('adds cached input to the total and names its parts', async () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 40 },
    };
    const content = [
      { type: 'thinking', thinking: 'hm', signature: 's' },
      { type: 'text', text: 'hel' },
      { type: 'text', text: 'lo' },
    ];
    const { options } = answeringJson(message({ usage, content }));
    expect(await anthropicAdapter.generate(REQUEST, options)).toStrictEqual({
      message: { role: 'assistant', content: 'hello' },
      finishReason: 'stop',
      rawFinishReason: 'end_turn',
      usage: {
        inputTokens: 100,
        outputTokens: 50,
        cachedInputTokens: 60,
        cacheWriteTokens: 30,
        reasoningTokens: 40,
      },
      responseModel: 'claude',
      warnings: [],
    });
  });

  it.each([
    [undefined, undefined],
    [
      { input_tokens: 5, output_tokens: 2, cache_read_input_tokens: null },
      { inputTokens: 5, outputTokens: 2 },
    ],
    [
      { cache_read_input_tokens: 5, output_tokens: 2 },
      { outputTokens: 2, cachedInputTokens: 5 },
    ],
  ])('usage %j becomes %j', async (usage, expected) => {
    const result = await anthropicAdapter.generate(REQUEST, answeringJson(message({ usage })).options);
    expect(result.usage).toStrictEqual(expected);
  });

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
  ])('stop reason %s is %s', async (raw, unified) => {
    const result = await anthropicAdapter.generate(REQUEST, answeringJson(message({ stop_reason: raw })).options);
    expect(result).toMatchObject({ finishReason: unified, rawFinishReason: raw });
  });

  it('moves system messages out, keeps several apart, and warns of what it cannot do', async () => {
    const { options, seen } = answeringJson(message());
    const result = await anthropicAdapter.generate(
      {
        ...REQUEST,
        messages: [
          { role: 'system', content: 'one' },
          { role: 'user', content: 'hi' },
          { role: 'system', content: 'two' },
        ],
        temperature: 0,
        topP: 0.5,
        seed: 1,
        stop: ['.'],
      },
      options,
    );
    expect(seen[0]?.body).toEqual({
      model: 'test-model',
      max_tokens: 10,
      system: [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two' },
      ],
      messages: [{ role: 'user', content: 'hi' }],
      stop_sequences: ['.'],
    });
    expect(result.warnings).toEqual([
      'system messages were moved ahead of the conversation',
      'temperature was ignored: the provider does not support it',
      'topP was ignored: the provider does not support it',
      'seed was ignored: the provider does not support it',
    ]);
  });

  it.each([
    ['prompt is too long: 208310 tokens > 200000 maximum', 'context-too-long'],
    ['input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000', 'context-too-long'],
    ['Your credit balance is too low to access the Anthropic API.', 'auth'],
    ['messages: at least one message is required', 'validation'],
  ])('a 400 that says "%s" is %s', async (sentence, kind) => {
    const error = { type: 'invalid_request_error', message: sentence };
    const { options } = answeringJson({ type: 'error', error, request_id: 'req_1' }, { status: 400 });
    await expect(anthropicAdapter.generate(REQUEST, options)).rejects.toMatchObject({
      kind,
      vendorMessage: kind === 'auth' ? undefined : sentence,
      message: 'anthropic answered 400 (invalid_request_error)',
    });
  });

  it('prefers the stable error code where there is one', async () => {
    const error = { type: 'rate_limit_error', message: 'No.', details: { error_code: 'ramp_limit_exceeded' } };
    const { options } = answeringJson({ type: 'error', error }, { status: 429, headers: { 'retry-after': '9' } });
    await expect(anthropicAdapter.generate(REQUEST, options)).rejects.toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 9_000,
      message: 'anthropic answered 429 (ramp_limit_exceeded)',
    });
  });

  it('bounds input by what NFKC makes of it', () => {
    const of = (content: string) => anthropicAdapter.bound({ ...REQUEST, messages: [{ role: 'user', content }] });
    expect(of('\ufdfa').inputTokens - of('').inputTokens).toBe(33);
  });
});
