import { expect, it } from 'vitest';
import { toUsdText } from './usd-text.ts';

it.each([
  [0n, '0'],
  [1n, '0.000000000001'],
  [-1n, '-0.000000000001'],
  [100_000_000_000n, '0.1'],
  [1_000_000_000_000n, '1'],
  [1_500_000_000_000n, '1.5'],
  [-250_000_000_000_000n, '-250'],
  [99_999_999_999_999_999_999_999_999n, '99999999999999.999999999999'],
])('%s pico-dollars are %s dollars', (picoUsd, dollars) => {
  expect(toUsdText(picoUsd)).toBe(dollars);
});
