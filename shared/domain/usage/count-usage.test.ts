import { expect, it } from 'vitest';
import { countUsage } from './count-usage.ts';

const SEEN = { inputLength: 40, writtenLength: 9 };

it('counts what the vendor had not told', () => {
  expect(countUsage(undefined, SEEN)).toEqual({ inputTokens: 10, outputTokens: 3 });
});

it('keeps what the vendor told, and never less output than was written', () => {
  const told = { inputTokens: 7, cachedInputTokens: 5, outputTokens: 1 };
  expect(countUsage(told, SEEN)).toEqual({ inputTokens: 7, cachedInputTokens: 5, outputTokens: 3 });
  expect(countUsage({ ...told, outputTokens: 8 }, SEEN)).toMatchObject({ outputTokens: 8 });
});
