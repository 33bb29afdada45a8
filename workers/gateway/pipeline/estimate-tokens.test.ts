import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../shared/providers/contract.ts';
import { ESTIMATED_FILE_TOKENS, ESTIMATED_IMAGE_TOKENS } from '../constants.ts';
import { estimateInputTokens } from './estimate-tokens.ts';

const WORDS = 'The quick brown fox jumps over the lazy dog.';
const user = (content: Extract<ChatMessage, { role: 'user' }>['content']) => ({
  messages: [{ role: 'user' as const, content }],
});
const textFile = (data: string) => ({
  type: 'file' as const,
  source: { kind: 'base64' as const, mediaType: 'text/plain', data },
});

const PLAIN = estimateInputTokens(user(WORDS));

describe('an estimate of the input', () => {
  it('is near what tokenizers count for plain English', () => {
    expect(PLAIN).toBeGreaterThanOrEqual(10);
    expect(PLAIN).toBeLessThanOrEqual(20);
  });

  it('counts text the same wherever it stands', () => {
    expect(estimateInputTokens(user([{ type: 'text', text: WORDS }]))).toBe(PLAIN);
    expect(estimateInputTokens(user([textFile(btoa(WORDS))]))).toBe(PLAIN);
    expect(
      estimateInputTokens({ messages: [{ role: 'assistant', content: [{ type: 'reasoning', text: WORDS }] }] }),
    ).toBe(PLAIN);
  });

  it('takes pictures and files that are no text at a constant', () => {
    const source = { kind: 'url', url: 'https://x.test/a' } as const;
    const withImage = estimateInputTokens(
      user([
        { type: 'image', source },
        { type: 'text', text: WORDS },
      ]),
    );
    const withFile = estimateInputTokens(
      user([
        { type: 'file', source },
        { type: 'text', text: WORDS },
      ]),
    );
    expect(withImage - PLAIN).toBe(ESTIMATED_IMAGE_TOKENS);
    expect(withFile - PLAIN).toBe(ESTIMATED_FILE_TOKENS);
    expect(estimateInputTokens(user([textFile('%')]))).toBeGreaterThan(ESTIMATED_FILE_TOKENS);
  });

  it('grows with tools, their calls and the form of the answer', () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } } };
    const counts = [
      estimateInputTokens({ ...user(WORDS), tools: [{ name: 'weather', parameters }] }),
      estimateInputTokens({ ...user(WORDS), responseFormat: { type: 'json', schema: parameters } }),
      estimateInputTokens({
        messages: [
          {
            role: 'assistant',
            content: WORDS,
            toolCalls: [{ id: '1', name: 'weather', arguments: '{"city":"Rome"}' }],
          },
        ],
      }),
    ];
    for (const count of counts) expect(count).toBeGreaterThan(PLAIN + 2);
    expect(estimateInputTokens({ ...user(WORDS), responseFormat: { type: 'text' } })).toBe(PLAIN);
  });
});
