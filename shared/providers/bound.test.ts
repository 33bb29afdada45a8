import { describe, expect, it } from 'vitest';
import { boundTokens, utf8Length, utf8LengthUnderNfkc } from './bound.ts';
import type { ChatMessage } from './contract.ts';

const RATES = { provider: 'openai', imageTokens: 1_000, fileTokens: 9_000 } as const;

describe('the bound of a request', () => {
  it.each(['', 'plain', 'café', '漢字', '👩‍🚀', 'lone \ud83d surrogate', 'x'.repeat(70_000), '漢'.repeat(70_000)])(
    'counts UTF-8 bytes exactly, in texts larger than its buffer too (%#)',
    (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    },
  );

  it('covers an emoji pair that lies across the end of the buffer', () => {
    const text = `${'x'.repeat(64 * 1024 - 1)}👩`;
    expect(utf8Length(text)).toBe(64 * 1024 + 3);
  });

  it('covers text that grows when it is normalized', () => {
    expect(utf8LengthUnderNfkc('\ufdfa')).toBe(33);
    expect(utf8LengthUnderNfkc('\u212b')).toBe(3);
    expect(utf8LengthUnderNfkc('plain')).toBe(5);
  });

  it('adds the overhead of every message and passes the output limit on', () => {
    const one = boundTokens({ messages: [{ role: 'user', content: 'hello' }], maxOutputTokens: 7 }, RATES);
    const none = boundTokens({ messages: [], maxOutputTokens: 7 }, RATES);
    expect(one.outputTokens).toBe(7);
    expect(one.inputTokens - none.inputTokens).toBeGreaterThanOrEqual(5 + 7);
  });

  it('counts an image and a file as the most that the vendor makes of one, whatever their size', () => {
    const source = { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } as const;
    const bound = (content: Extract<ChatMessage, { role: 'user' }>['content']) =>
      boundTokens({ messages: [{ role: 'user', content }], maxOutputTokens: 7 }, RATES).inputTokens;
    expect(bound([{ type: 'image', source }]) - bound('')).toBe(1_000);
    expect(bound([{ type: 'file', source, filename: 'a.pdf' }]) - bound('')).toBe(9_005);
  });

  it('counts calls and their results, in parts too', () => {
    const toolCalls = [{ id: 'call', name: 'look', arguments: '{"at":"it"}' }];
    const bound = (messages: ChatMessage[]) => boundTokens({ messages, maxOutputTokens: 7 }, RATES).inputTokens;
    const plain = bound([{ role: 'assistant', content: '' }]);
    expect(bound([{ role: 'assistant', content: '', toolCalls }]) - plain).toBeGreaterThanOrEqual(19);
    const result = { role: 'tool', toolCallId: 'call', toolName: 'look' } as const;
    expect(bound([{ ...result, content: 'x' }]) - plain).toBe(9);
    const source = { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } as const;
    const content = [{ type: 'text', text: 'xy' } as const, { type: 'image', source } as const];
    expect(bound([{ ...result, content: [...content, { type: 'file', source }] }]) - plain).toBe(8 + 2 + 10_000);
  });
});
