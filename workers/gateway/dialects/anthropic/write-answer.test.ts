import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { anthropicError, anthropicMessage } from '../../../../shared/contracts/http/anthropic/messages.ts';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { type DomainError, ERRORS, type ErrorCode } from '../../../../shared/errors/domain-error.ts';
import { signedId } from '../signed-ids.ts';
import { writeAnswer } from './write-answer.ts';
import { writeAnthropicError } from './write-error.ts';

const REQUEST_ID = '019a0000-0000-7000-8000-000000000001';

type ChatOutput = Extract<OrchestrateResponse['output'], { message: unknown }>;

function response(output: Partial<ChatOutput>, over: Partial<OrchestrateResponse> = {}): OrchestrateResponse {
  const message = { role: 'assistant', content: 'hello' } as const;
  return {
    requestId: REQUEST_ID,
    status: 'completed',
    output: { message, finishReason: 'stop', rawFinishReason: 'stop', ...output },
    costUsd: 0,
    latencyMs: 1,
    provider: 'google',
    model: 'model-1',
    usage: { inputTokens: 10, outputTokens: 5 },
    rawUsage: null,
    trace: { traceId: 't' },
    warnings: [],
    ...over,
  };
}

/** Asks through the official client. */
async function ask(body: object, status = 200, headers: Readonly<Record<string, string>> = {}) {
  let asked = 0;
  const fetch = async () => {
    asked += 1;
    return Response.json(body, { status, headers: { 'retry-after-ms': '1', ...headers } });
  };
  const client = new Anthropic({ apiKey: 'k', maxRetries: 1, fetch });
  const message = await client.messages
    .create({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] })
    .catch((error: unknown) => error);
  return { message, asked };
}

describe('an answer', () => {
  it('is a message to the official client', async () => {
    const written = writeAnswer(response({ sources: [{ url: 'https://x.test' }] }));
    expect(anthropicMessage.parse(written)).toEqual(written);
    expect((await ask(written)).message).toEqual({
      id: 'msg_019a0000000070008000000000000001',
      type: 'message',
      role: 'assistant',
      model: 'model-1',
      content: [{ type: 'text', text: 'hello', citations: null }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation: null,
        output_tokens: 5,
        output_tokens_details: null,
        server_tool_use: null,
        inference_geo: null,
        service_tier: null,
        speed: null,
      },
    });
  });

  it('has thoughts, text and calls, with signatures that say whose they are', () => {
    const call = { id: 'call_1', name: 'f', arguments: '{"a":1}', signature: 'sig' };
    const message = {
      role: 'assistant' as const,
      content: 'hello',
      reasoning: [
        { type: 'reasoning' as const, text: 'Hm.', signature: 's' },
        { type: 'reasoning' as const, text: 'Ah.' },
        { type: 'reasoning' as const, text: '', signature: 'redacted_thinking:data' },
      ],
      toolCalls: [call, { id: '2', name: 'g', arguments: '{oops' }],
    };
    const rest = [
      { type: 'thinking', thinking: 'Ah.', signature: '' },
      { type: 'redacted_thinking', data: 'data' },
      { type: 'text', text: 'hello', citations: null },
      { type: 'tool_use', id: signedId(call), name: 'f', input: { a: 1 }, caller: { type: 'direct' } },
      { type: 'tool_use', id: '2', name: 'g', input: { INVALID_JSON: '{oops' }, caller: { type: 'direct' } },
    ];
    const contentOf = (provider: 'google' | 'anthropic') => writeAnswer(response({ message }, { provider })).content;
    expect(contentOf('google')).toEqual([{ type: 'thinking', thinking: 'Hm.', signature: 'eufm:google:s' }, ...rest]);
    expect(contentOf('anthropic')).toEqual([{ type: 'thinking', thinking: 'Hm.', signature: 's' }, ...rest]);
  });

  it.each([
    ['stop', 'end_turn'],
    ['length', 'max_tokens'],
    ['tool-calls', 'tool_use'],
    ['content-filter', 'refusal'],
    ['error', 'end_turn'],
    ['other', 'end_turn'],
    ['unknown', 'end_turn'],
  ] as const)('that finished by %s stopped by %s', (finishReason, reason) => {
    expect(writeAnswer(response({ finishReason })).stop_reason).toBe(reason);
  });

  it.each([
    ['anthropic', 'stop_sequence', 'stop_sequence'],
    ['anthropic', 'toString', 'end_turn'],
    ['anthropic', null, 'end_turn'],
    ['mistral', 'stop_sequence', 'end_turn'],
  ] as const)('of %s with the word %s stopped by %s', (provider, rawFinishReason, reason) => {
    expect(writeAnswer(response({ rawFinishReason }, { provider })).stop_reason).toBe(reason);
  });

  it('counts cached input beside the rest, and writes 0 for what is not known', () => {
    const usageOf = (usage: OrchestrateResponse['usage']) => writeAnswer(response({}, { usage })).usage;
    const whole = { inputTokens: 10, cachedInputTokens: 6, cacheWriteTokens: 3, outputTokens: 5, searches: 2 };
    expect(usageOf(whole)).toMatchObject({
      input_tokens: 1,
      cache_read_input_tokens: 6,
      cache_creation_input_tokens: 3,
      output_tokens: 5,
      server_tool_use: { web_search_requests: 2 },
    });
    expect(usageOf({ cachedInputTokens: 6 }).input_tokens).toBe(0);
    expect(usageOf(null)).toMatchObject({ input_tokens: 0, output_tokens: 0 });
  });
});

describe('an error', () => {
  const write = (code: ErrorCode, over: Partial<DomainError> = {}) =>
    writeAnthropicError({ code, detail: 'No.', ...over }, REQUEST_ID);

  it.each([
    ['bad_request', 400, 'invalid_request_error'],
    ['unauthenticated', 401, 'authentication_error'],
    ['budget_exhausted', 402, 'billing_error'],
    ['permission_denied', 403, 'permission_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['routing_policy_not_found', 404, 'not_found_error'],
    ['method_not_allowed', 405, 'invalid_request_error'],
    ['body_too_large', 413, 'request_too_large'],
    ['provider_rate_limited', 429, 'rate_limit_error'],
    ['internal_error', 500, 'api_error'],
    ['provider_failed', 502, 'api_error'],
    ['unavailable', 503, 'api_error'],
    ['provider_overloaded', 529, 'overloaded_error'],
    ['provider_timeout', 504, 'timeout_error'],
  ] as const)('%s is a %i, %s', (code, status, type) => {
    const written = write(code);
    expect(written).toEqual({
      status,
      body: { type: 'error', error: { type, message: 'No.' }, request_id: REQUEST_ID },
    });
    expect(anthropicError.parse(written.body)).toEqual(written.body);
  });

  it('of a provider that has no such model is a 404, of one that refuses the request a 400', () => {
    expect(write('provider_rejected', { rejection: 'model-not-found' }).status).toBe(404);
    expect(write('provider_rejected', { rejection: 'context-too-long' }).status).toBe(400);
  });

  it.each(Object.keys(ERRORS) as ErrorCode[])(
    '%s is thrown by the official client, and tried again if that can help',
    async (code) => {
      const { status, body, headers } = write(code);
      const { message, asked } = await ask(body, status, headers);
      expect(message).toBeInstanceOf(APIError);
      expect(message).toMatchObject({ status, type: Object(body).error.type });
      expect(asked).toBe(ERRORS[code].retry === 'never' ? 1 : 2);
    },
  );
});
