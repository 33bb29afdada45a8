import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../contract.ts';
import { answeringJson } from '../testing/answering.ts';
import { openaiCompatibleAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };
const ANSWER = { choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] };

describe('a compatible server', () => {
  it.each([
    ['https://llm.example', 'https://llm.example/v1/chat/completions'],
    ['https://llm.example/openai/v1/', 'https://llm.example/openai/v1/chat/completions'],
    ['https://llm.example/v1beta/openai', 'https://llm.example/v1beta/openai/chat/completions'],
  ])('at %s is called at %s', async (baseUrl, url) => {
    const { options, seen } = answeringJson(ANSWER);
    await openaiCompatibleAdapter.generate(REQUEST, { ...options, baseUrl });
    expect(seen[0]?.url).toBe(url);
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer test-key');
  });

  it('without an address is an account that does not work, and nothing is sent', async () => {
    const { options, seen } = answeringJson(ANSWER);
    await expect(openaiCompatibleAdapter.generate(REQUEST, options)).rejects.toMatchObject({ kind: 'auth' });
    expect(seen).toEqual([]);
  });

  it('may think, call without ids, and answer arguments as an object', async () => {
    // https://docs.vllm.ai/en/latest/features/reasoning_outputs.html
    const message = {
      reasoning_content: 'hm',
      content: '',
      tool_calls: [{ function: { name: 'a', arguments: { x: 1 } } }],
    };
    const { options } = answeringJson({ choices: [{ message, finish_reason: 'tool_calls' }] });
    const result = await openaiCompatibleAdapter.generate(REQUEST, { ...options, baseUrl: 'https://llm.example' });
    expect(result.message).toStrictEqual({
      role: 'assistant',
      content: '',
      reasoning: [{ type: 'reasoning', text: 'hm' }],
      toolCalls: [{ id: 'generated-1', name: 'a', arguments: '{"x":1}' }],
    });
  });

  it.each([
    ['numbers its codes', { error: { message: 'No.', code: 400 } }, 'validation', 'No.'],
    [
      'has no envelope',
      { object: 'error', message: "This model's maximum context length is 4096 tokens.", code: 400 },
      'context-too-long',
      "This model's maximum context length is 4096 tokens.",
    ],
    [
      'lists its faults',
      { detail: [{ loc: ['body'], msg: 'Field required', type: 'missing' }] },
      'validation',
      'Field required',
    ],
    ['says one word', { detail: 'Nope' }, 'validation', 'Nope'],
    ['says nothing', '', 'validation', undefined],
  ])('that %s has its error read', async (_, body, kind, vendorMessage) => {
    const { options } = answeringJson(body, { status: 400 });
    const result = openaiCompatibleAdapter.generate(REQUEST, { ...options, baseUrl: 'https://llm.example' });
    await expect(result).rejects.toMatchObject({ kind, vendorMessage });
  });
});
