import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { messagesBody } from './arbitraries/anthropic.ts';
import { chatBody } from './arbitraries/openai-chat.ts';
import { canonicalJson } from './conversation.ts';
import { type Case, fromChat, fromMessages } from './dialects.ts';
import { nativeMessages } from './rules/native-anthropic.ts';
import { nativeChat } from './rules/native-chat.ts';

const CONVERSATIONS = 10_000;

interface Native {
  readonly conversation: Case;
  /** The body that the vendor is to get, and phrases of the warnings for what is not in it. */
  expected(lost: Set<string>): object;
}

const chats: fc.Arbitrary<Native> = chatBody.map((body) => ({
  conversation: fromChat(body),
  expected: (lost) => nativeChat(body, lost),
}));
const messages: fc.Arbitrary<Native> = messagesBody.map((body) => ({
  conversation: fromMessages(body),
  expected: (lost) => nativeMessages(body, lost),
}));

it.each([
  { dialect: 'OpenAI chat', bodies: chats },
  { dialect: 'Anthropic messages', bodies: messages },
])('a body in $dialect reaches its own vendor as it is, but for what a warning tells', async ({ bodies }) => {
  await fc.assert(
    fc.asyncProperty(bodies, async ({ conversation, expected }) => {
      const { native, warnings, unsent } = conversation.receive();
      const lost = new Set<string>();
      expect(canonicalJson(native)).toBe(canonicalJson(expected(lost)));
      const told = [...warnings, ...unsent];
      expect([...lost].filter((phrase) => !told.some((warning) => warning.includes(phrase)))).toEqual([]);
      expect(told.filter((warning) => ![...lost].some((phrase) => warning.includes(phrase)))).toEqual([]);
    }),
    { numRuns: CONVERSATIONS, seed: 4 },
  );
});
