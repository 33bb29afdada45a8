import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { openAiChatCompletion, openAiChatRequest } from '../../../../shared/contracts/http/openai/chat-completions.ts';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import type { ChatOutput } from '../chat-output.ts';
import { readRequest } from './read-request.ts';
import { writeAnswer } from './write-answer.ts';

const REQUEST_ID = '0198c0de-0000-7000-8000-000000000001';
const RESPONSE: OrchestrateResponse = {
  requestId: REQUEST_ID,
  status: 'completed',
  output: { message: { role: 'assistant', content: 'Hello.' }, finishReason: 'stop', rawFinishReason: 'end_turn' },
  costUsd: 0.1,
  latencyMs: 5,
  provider: 'anthropic',
  model: 'claude-x',
  usage: { inputTokens: 3, outputTokens: 2 },
  rawUsage: {},
  trace: { traceId: 't' },
  warnings: [],
};

const answering = (output: Partial<ChatOutput>, over: Partial<OrchestrateResponse> = {}): OrchestrateResponse => ({
  ...RESPONSE,
  ...over,
  output: { message: { role: 'assistant', content: 'Hello.' }, finishReason: 'stop', rawFinishReason: null, ...output },
});

describe('the answer to a chat', () => {
  it('is what OpenAI’s client reads', async () => {
    const answer = writeAnswer(RESPONSE, 1_700_000_000_999);
    const client = new OpenAI({ apiKey: 'k', fetch: async () => Response.json(answer) });
    expect(await client.chat.completions.create({ model: 'm', messages: [] })).toEqual({
      id: `chatcmpl-${REQUEST_ID}`,
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'claude-x',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello.', refusal: null },
          finish_reason: 'stop',
          logprobs: null,
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    expect(openAiChatCompletion.parse(answer)).toEqual(answer);
  });

  it('has its calls with their signatures, its thoughts with their proofs and its sources, and reads back the same', () => {
    const message = {
      role: 'assistant' as const,
      content: '',
      reasoning: [
        { type: 'reasoning' as const, text: 'a', signature: 's' },
        { type: 'reasoning' as const, text: 'b' },
      ],
      toolCalls: [
        { id: 'call_1', name: 'look', arguments: '{"x":1}', signature: 'sig' },
        { id: 'call_2', name: 'find', arguments: '{' },
      ],
    };
    const sources = [{ url: 'https://a.example', title: 'A' }, { url: 'https://b.example' }];
    const answer = writeAnswer(answering({ message, sources, finishReason: 'tool-calls' }), 0);
    expect(answer.choices[0]).toEqual({
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        refusal: null,
        tool_calls: [
          { id: 'call_1__sig__c2ln', type: 'function', function: { name: 'look', arguments: '{"x":1}' } },
          { id: 'call_2', type: 'function', function: { name: 'find', arguments: '{' } },
        ],
        reasoning_content: 'ab',
        reasoning_details: [
          { type: 'reasoning.text', text: 'a', signature: 's', index: 0 },
          { type: 'reasoning.text', text: 'b', index: 1 },
        ],
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://a.example', title: 'A', start_index: 0, end_index: 0 },
          },
          {
            type: 'url_citation',
            url_citation: { url: 'https://b.example', title: 'https://b.example', start_index: 0, end_index: 0 },
          },
        ],
      },
      finish_reason: 'tool_calls',
      logprobs: null,
    });
    const again = readRequest(openAiChatRequest.parse({ model: 'm', messages: [answer.choices[0]?.message] }));
    expect(again).toMatchObject({
      value: { input: { messages: [{ content: message.reasoning, toolCalls: message.toolCalls }] } },
    });
  });

  it('tells thoughts without a proof as text alone', () => {
    const message = {
      role: 'assistant' as const,
      content: 'x',
      reasoning: [{ type: 'reasoning' as const, text: 'a' }],
    };
    expect(writeAnswer(answering({ message }), 0).choices[0]?.message).toEqual({
      role: 'assistant',
      content: 'x',
      refusal: null,
      reasoning_content: 'a',
    });
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content-filter', 'content_filter'],
    ['tool-calls', 'tool_calls'],
    ['error', 'stop'],
    ['other', 'stop'],
    ['unknown', 'stop'],
  ] as const)('that ended with %s says %s', (finishReason, expected) => {
    expect(writeAnswer(answering({ finishReason }), 0).choices[0]?.finish_reason).toBe(expected);
  });

  it('has the parts of its usage that are known, and none without both totals', () => {
    const whole = {
      inputTokens: 9,
      outputTokens: 8,
      cachedInputTokens: 7,
      cacheWriteTokens: 6,
      audioInputTokens: 5,
      reasoningTokens: 4,
      audioOutputTokens: 0,
    };
    expect(writeAnswer(answering({}, { usage: whole }), 0).usage).toEqual({
      prompt_tokens: 9,
      completion_tokens: 8,
      total_tokens: 17,
      prompt_tokens_details: { cached_tokens: 7, cache_write_tokens: 6, audio_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 4, audio_tokens: 0 },
    });
    expect(writeAnswer(answering({}, { usage: null }), 0)).not.toHaveProperty('usage');
    expect(writeAnswer(answering({}, { usage: { inputTokens: 1 } }), 0)).not.toHaveProperty('usage');
  });

  it('is none of another kind of request', () => {
    expect(() => writeAnswer({ ...RESPONSE, output: null }, 0)).toThrow(TypeError);
    expect(() => writeAnswer({ ...RESPONSE, output: { embeddings: [] } }, 0)).toThrow(TypeError);
  });
});
