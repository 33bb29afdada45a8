import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { openAiChatRequest } from './chat-completions.ts';

const USER = { role: 'user', content: 'hi' };

/** Where a body is wrong, as the innermost issue of each form has it. */
function places(body: object): string[] {
  const { error } = openAiChatRequest.safeParse({ model: 'gpt-5', messages: [USER], ...body });
  const placesOf = (issue: z.core.$ZodIssue, base: readonly PropertyKey[]): string[] => {
    const path = [...base, ...issue.path];
    const inner = issue.code === 'invalid_union' ? issue.errors.flat() : [];
    return inner.length > 0 ? inner.flatMap((each) => placesOf(each, path)) : [path.join('/')];
  };
  return (error?.issues ?? []).flatMap((issue) => placesOf(issue, []));
}

describe('the body of a chat of OpenAI', () => {
  it('is stripped of what would leave the bound of its cost', () => {
    const extra = {
      service_tier: 'flex',
      prediction: { type: 'content', content: 'x' },
      web_search_options: {},
      audio: { voice: 'alloy', format: 'mp3' },
      modalities: ['text', 'audio'],
      functions: [],
      made_up: 1,
    };
    const body = { model: 'gpt-5', messages: [USER] };
    expect(openAiChatRequest.parse({ ...body, ...extra })).toEqual(body);
  });

  it.each([
    ['several answers', { n: 2 }, 'n'],
    ['too many tools', { tools: Array(129).fill({ type: 'function', function: { name: 'a' } }) }, 'tools'],
    ['a tool without a name', { tools: [{ type: 'function', function: {} }] }, 'tools/0/function/name'],
    ['a tool without a type', { tools: [{ function: { name: 'a' } }] }, 'tools/0/type'],
    ['an unknown role', { messages: [USER, { role: 'function', content: '' }] }, 'messages/1/role'],
    ['an unknown part', { messages: [{ role: 'user', content: [{ type: 'video' }] }] }, 'messages/0/content/0/type'],
    ['a part without text', { messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages/0/content/0/text'],
    [
      'a call without arguments',
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'b' } }] }] },
      'messages/0/tool_calls/0/function/arguments',
    ],
    ['a choice without a name', { tool_choice: { type: 'function' } }, 'tool_choice/function'],
    ['no message', { messages: [] }, 'messages'],
  ])('is refused for %s, by its place', (_, body, place) => {
    expect(places(body)).toContain(place);
  });

  it('names the types that a message can have', () => {
    const { error } = openAiChatRequest.safeParse({ model: 'a', messages: [{ role: 'function', content: '' }] });
    expect(error?.issues[0]?.message).toBe('must be one of developer, system, user, assistant, tool');
  });
});
