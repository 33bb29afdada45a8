import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../contract.ts';
import { adaptIds } from './adapt-ids.ts';

const calling = (...ids: string[]): ChatMessage => ({
  role: 'assistant',
  content: '',
  toolCalls: ids.map((id) => ({ id, name: 'f', arguments: '{}' })),
});
const answering = (toolCallId: string): ChatMessage => ({ role: 'tool', toolCallId, toolName: 'f', content: 'done' });
/** Mistral's, the narrowest. */
const FORM = /^[a-zA-Z0-9]{9}$/;
/** The ids of the calls and results, in their order. */
const adapt = (...messages: ChatMessage[]) =>
  adaptIds(messages, FORM).flatMap((message) => {
    if (message.role === 'tool') return [message.toolCallId];
    return message.role === 'assistant' ? (message.toolCalls ?? []).map(({ id }) => id) : [];
  });

describe('ids of tool calls', () => {
  it('that are of the form are kept', () => {
    expect(adapt(calling('aB3dE6gH9'), answering('aB3dE6gH9'))).toEqual(['aB3dE6gH9', 'aB3dE6gH9']);
  });

  it('that are not are brought into it, the same for a call and its result, and in every request', () => {
    const ids = ['call_0-Abcdefghij', 'x1', 'toolu_01', 'aB3dE6gH9_', 'été'];
    const [first, second] = [adapt(calling(...ids), ...ids.map(answering)), adapt(calling(...ids))];
    for (const id of first) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(first).toEqual([...second, ...second]);
    expect(new Set(second).size).toBe(ids.length);
  });

  it('stay apart where they end alike', () => {
    const [one, two] = adapt(calling('1_get_weather', '2_get_weather'));
    expect(one).not.toBe(two);
  });

  it('stay apart from one that is of the form already, wherever that stands', () => {
    const [taken = ''] = adapt(calling('call_1'));
    for (const ids of [adapt(calling('call_1', taken)), adapt(calling(taken, 'call_1')).toReversed()]) {
      expect(ids[1]).toBe(taken);
      expect(ids[0]).toMatch(/^[a-zA-Z0-9]{9}$/);
      expect(ids[0]).not.toBe(taken);
    }
  });
});
