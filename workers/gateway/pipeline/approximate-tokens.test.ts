import { estimateTokenCount } from 'tokenx';
import { describe, expect, it } from 'vitest';
import { approximateTokens } from './approximate-tokens.ts';

/** What people and programs send. */
const TEXTS = {
  English: 'The gateway decides where each request goes; when a provider fails, the next one is called.\n\nIs that so?',
  German:
    'Die Größe der Anfrage wird geschätzt, bevor über ihren Weg entschieden wird. Natürlich ungefähr, möglichst schnell.',
  Russian: 'Решение принимается быстро, и каждый запрос отправляется туда, где его ждут.',
  Chinese: '网关决定每个请求的去向；当一个提供商失败时，会调用下一个。',
  Japanese: 'ゲートウェイは各リクエストの行き先を決定します。',
  code: 'export function add(one: number, other: number): number {\n  // both are small\n  return one + other;\n}\n',
  JSON: '{\n  "id": 12345678,\n  "isOpen": true,\n  "names": ["first", "second"],\n  "at": "2026-11-30T12:00:00Z"\n}',
};

/** How far a count is from what `tokenx` says, as a share of that. */
const errorsOf = (count: (text: string) => number) =>
  Object.fromEntries(
    Object.entries(TEXTS).map(([name, text]) => {
      const expected = estimateTokenCount(text);
      return [name, Math.abs(count(text) - expected) / expected];
    }),
  );

describe('an approximate number of tokens', () => {
  it('is within a third of what the slower estimate says, in each script', () => {
    for (const [name, error] of Object.entries(errorsOf(approximateTokens))) expect(error, name).toBeLessThan(1 / 3);
  });

  it('control: four characters for a token are not', () => {
    expect(Math.max(...Object.values(errorsOf((text) => text.length / 4)))).toBeGreaterThan(0.5);
  });

  it('is none for nothing, and grows with the text', () => {
    expect([approximateTokens(''), approximateTokens(' \t'), approximateTokens('a')]).toEqual([0, 0, 1]);
    expect(approximateTokens('word '.repeat(5_000))).toBe(5_000);
    expect(approximateTokens('\u{1f600}'.repeat(100))).toBe(200);
  });
});
