import { describe, expect, it } from 'vitest';
import { type JsonExcess, type JsonLimits, scanJson } from './scan-json.ts';

const MEBI = 1024 * 1024;
const LIMITS: JsonLimits = { maxDepth: 32, maxElements: 10_000, maxTextLength: MEBI };

const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);
const items = (count: number) => `[${Array(count).fill(1).join()}]`;
const keys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"${index}":1`).join()}}`;
const complex = (at: number): JsonExcess => ({ problem: 'too_complex', at });

describe('I4: a JSON text', () => {
  it('is refused one bracket beyond 32, and nothing is looked at behind it', () => {
    expect(scanJson(nested(32), LIMITS)).toBeNull();
    expect(scanJson(nested(33), LIMITS)).toEqual(complex(32));
    expect(scanJson(nested(5_000_000), LIMITS)).toEqual(complex(32));
    expect(scanJson(nested(100_000, '{"a":', '}'), LIMITS)).toEqual(complex(32 * 5));
    expect(scanJson(`{"a":"${'x'.repeat(9 * MEBI)}`, { ...LIMITS, maxDepth: 0 })).toEqual(complex(0));
  });

  it('is refused one key or item beyond 10,000, and nothing is looked at behind it', () => {
    expect(scanJson(items(10_000), LIMITS)).toBeNull();
    expect(scanJson(items(10_001), LIMITS)).toEqual(complex(20_000));
    expect(scanJson(items(5_000_000), LIMITS)).toEqual(complex(20_000));
    expect(scanJson(keys(10_000), LIMITS)).toBeNull();
    expect(scanJson(keys(10_001), LIMITS)?.problem).toBe('too_complex');
  });

  it('is refused with a text beyond 1 MiB, at the first character that base64 has not', () => {
    const text = 'word '.repeat(MEBI);
    expect(scanJson(`["${text.slice(0, MEBI)}"]`, LIMITS)).toBeNull();
    expect(scanJson(`["${text.slice(0, MEBI + 1)}"]`, LIMITS)).toEqual({ problem: 'text_too_long', at: 6 });
    expect(scanJson(`["${'A'.repeat(2 * MEBI)}é"]`, LIMITS)).toEqual({ problem: 'text_too_long', at: 2 * MEBI + 2 });
    expect(scanJson(`["${text}`, LIMITS)).toEqual({ problem: 'text_too_long', at: 6 });
  });

  it.each([
    ['base64', 'Ab9+/'],
    ['base64 with escaped slashes', String.raw`Ab9+\/`],
    ['base64url', 'Ab9-_'],
  ])('may hold an image or a file of any size, as %s', (_name, alphabet) => {
    const data = alphabet.repeat(MEBI);
    for (const head of ['', 'data:image/png;base64,', 'data:application/pdf;name=a b.pdf;base64,'])
      expect(scanJson(`{"url":"${head}${data}=="}`, LIMITS)).toBeNull();
    expect(scanJson(`{"url":"data:${' '.repeat(300)},${data}"}`, LIMITS)?.problem).toBe('text_too_long');
  });

  it('holds brackets, commas and escaped quotes in strings, which count for nothing', () => {
    const within = { ...LIMITS, maxDepth: 2, maxElements: 4 };
    expect(scanJson(String.raw`[{"a":"\"[[[,,,","b\\":"]]\\\"{{{"}]`, within)).toBeNull();
    expect(scanJson(String.raw`[{"a":"\\"},[[1]]]`, within)?.problem).toBe('too_complex');
    expect(scanJson('["[[[[[', within)).toBeNull(); // whoever parses it tells that it is cut
  });

  it('is told the same by a few searches as by looking at every character', () => {
    const whole = (text: string) => scanJson(text + ' '.repeat(LIMITS.maxElements), LIMITS);
    for (const text of [
      nested(32),
      nested(33),
      nested(16, '[{"a":', '}]'),
      nested(17, '[{"a":', '}]'),
      '[[]'.repeat(40),
    ])
      expect([text, scanJson(text, LIMITS)]).toEqual([text, whole(text)]);
  });
});

it('I4 control: JSON.parse takes what is refused here', () => {
  expect(() => JSON.parse(nested(100_000))).not.toThrow();
  expect(JSON.parse(items(10_001))).toHaveLength(10_001);
});
