import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../contract.ts';
import { convertEffort } from './convert-effort.ts';

const thinking = { type: 'enabled', budget_tokens: 1_024, display: 'summarized' };
const user: ChatMessage = { role: 'user', content: 'hi' };
const result: ChatMessage = { role: 'tool', toolCallId: '1', toolName: 'f', content: 'x' };
const toolCalls = [{ id: '1', name: 'f', arguments: '{}' }];
const unthought: ChatMessage = { role: 'assistant', content: '', toolCalls };
const thought = (signature?: string): ChatMessage => ({
  role: 'assistant',
  content: [
    { type: 'text', text: '' },
    { type: 'reasoning', text: 'Hm.', ...(signature && { signature }) },
    { type: 'text', text: 'So.' },
  ],
  toolCalls,
});
const late: ChatMessage = {
  role: 'assistant',
  content: [
    { type: 'text', text: 'So.' },
    { type: 'reasoning', text: 'Hm.', signature: 's' },
  ],
  toolCalls,
};

const effort = (messages: readonly ChatMessage[], model = 'claude-haiku-4-5') =>
  convertEffort({ messages, reasoningEffort: 'low', maxOutputTokens: 2_000 }, model);

/** https://platform.claude.com/docs/en/build-with-claude/thinking#thinking-with-tool-use */
describe('thinking within a budget', () => {
  it.each([
    ['without calls', [user]],
    ['whose calls came with their thoughts', [user, thought('s'), result, result]],
    ['whose thoughts are encrypted', [user, thought('redacted_thinking:x'), result]],
    ['whose later calls need none of their own', [user, thought('s'), result, unthought, result]],
    [
      'whose calls without thoughts are answered for',
      [user, unthought, result, { role: 'assistant', content: 'x' }, user],
    ],
  ] as const)('goes on in a conversation %s', (_name, messages) => {
    expect(effort(messages)).toEqual({ thinking, warnings: [] });
  });

  it.each([
    ['came without thoughts', [user, unthought, result]],
    ['came with thoughts that nobody signed', [user, thought(), result]],
    ['came ahead of their thoughts', [user, late, result]],
    ['began without thoughts', [user, unthought, result, thought('s'), result]],
    ['came without thoughts, and a word beside their results', [user, unthought, result, user]],
  ] as const)('is off, with a warning, while the calls to go on from %s', (_name, messages) => {
    expect(effort(messages)).toEqual({
      warnings: ['reasoningEffort was ignored: the last tool calls came without the thoughts behind them'],
    });
  });

  it('is not asked of models that think as they like', () => {
    expect(effort([user, unthought, result], 'claude-sonnet-5')).toMatchObject({ effort: 'low', warnings: [] });
  });
});
