import { expect, it } from 'vitest';
import { takesPrefill } from './takes-prefill.ts';

const REQUEST = { messages: [], maxOutputTokens: 10 };
const thinking = { anthropic: { thinking: { type: 'enabled', budget_tokens: 1024 } } };

it.each([
  ['claude-haiku-4-5', 'So', {}, true],
  ['claude-sonnet-4-5-20250929', 'So', { reasoningEffort: 'none' as const }, true],
  ['claude-3-7-sonnet-latest', 'So', {}, true],
  ['claude-opus-4-6', 'So', {}, false],
  ['claude-sonnet-4-6', 'So', {}, false],
  ['claude-opus-5-5', 'So', {}, false],
  ['claude-haiku-4-5', 'So ', {}, false],
  ['claude-haiku-4-5', 'So', { reasoningEffort: 'low' as const }, false],
  ['claude-haiku-4-5', 'So', { providerOptions: thinking }, false],
])('%s behind "%s" with %j: %s', (model, begun, request, expected) => {
  expect(takesPrefill({ ...REQUEST, ...request }, begun, model)).toBe(expected);
});
