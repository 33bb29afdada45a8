import { expect, it } from 'vitest';
import type { ChatRequest } from '../contract.ts';
import { answeringJson } from '../testing/answering.ts';
import { anthropicAdapter } from './adapter.ts';

const REQUEST: ChatRequest = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hi' },
  ],
  maxOutputTokens: 2_000,
  stop: ['.'],
  reasoningEffort: 'low',
  tools: [{ name: 'f', parameters: { type: 'object' } }],
  toolChoice: 'auto',
  providerOptions: { anthropic: { metadata: { user_id: 'u' } } },
};

/** https://platform.claude.com/docs/en/api/messages-count-tokens */
it('counts the input of a request, with what the vendor takes for it alone', async () => {
  const { options, seen } = answeringJson({ input_tokens: 14 });
  expect(await anthropicAdapter.countTokens?.(REQUEST, options)).toBe(14);
  expect(seen[0]?.url).toBe('https://api.anthropic.com/v1/messages/count_tokens');
  expect(seen[0]?.body).toStrictEqual({
    model: 'test-model',
    messages: [{ role: 'user', content: 'hi' }],
    system: 'Be brief.',
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'low' },
    tools: [{ name: 'f', input_schema: { type: 'object' } }],
    tool_choice: { type: 'auto' },
  });
});

it.each([{}, { input_tokens: -1 }, { input_tokens: null }])('a count of %j is a bad response', async (answer) => {
  const call = anthropicAdapter.countTokens?.(REQUEST, answeringJson(answer).options);
  await expect(call).rejects.toMatchObject({ kind: 'bad-response' });
});
