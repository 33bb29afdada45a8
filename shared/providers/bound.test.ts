import { describe, expect, it } from 'vitest';
import { boundTokens, utf8Length, utf8LengthUnderNfkc } from './bound.ts';

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
    const one = boundTokens({ messages: [{ role: 'user', content: 'hello' }], maxOutputTokens: 7 });
    const none = boundTokens({ messages: [], maxOutputTokens: 7 });
    expect(one.outputTokens).toBe(7);
    expect(one.inputTokens - none.inputTokens).toBeGreaterThanOrEqual(5 + 7);
  });
});
