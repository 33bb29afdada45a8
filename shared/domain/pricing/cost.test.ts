import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PriceComponent } from '../../contracts/tenant-snapshot.ts';
import { costOf, maxCostOf, toUsdNumber } from './cost.ts';

const component = (kind: PriceComponent['kind'], price: bigint, fromInputTokens = 0): PriceComponent => ({
  kind,
  picoUsdPerUnit: price.toString(),
  fromInputTokens,
});

const PRICES = [
  component('input', 100n),
  component('input', 200n, 1000),
  component('cached_input', 10n),
  component('cache_write', 125n),
  component('output', 400n),
  component('output', 600n, 1000),
  component('request', 5n),
];

describe('costOf', () => {
  it('prices plain, cached and written input apart, and adds the fee of the request', () => {
    const usage = { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 10, outputTokens: 7 };
    expect(costOf(PRICES, usage)).toBe(30n * 100n + 60n * 10n + 10n * 125n + 7n * 400n + 5n);
  });

  it('prices a whole request by the tier that its input reaches', () => {
    expect(costOf(PRICES, { inputTokens: 999, outputTokens: 1 })).toBe(99_900n + 400n + 5n);
    expect(costOf(PRICES, { inputTokens: 1000, outputTokens: 1 })).toBe(200_000n + 600n + 5n);
  });

  it('takes unknown usage for unknown, never for zero', () => {
    expect(costOf(PRICES, { inputTokens: 3 })).toBeNull();
    expect(costOf(PRICES, { outputTokens: 3 })).toBeNull();
  });

  it('is exact where floating point is not: a million times 3 micro-USD', () => {
    const one = costOf([component('input', 3_000_000n)], { inputTokens: 1, outputTokens: 0 }) ?? 0n;
    expect(toUsdNumber(one * 1_000_000n)).toBe(3);
    expect(Array.from({ length: 1_000_000 }, () => 0.000003).reduce((sum, cost) => sum + cost, 0)).not.toBe(3);
  });
});

describe('maxCostOf', () => {
  const bound = fc.record({ inputTokens: fc.nat(3000), outputTokens: fc.nat(500) });
  const shares = fc.record({
    input: fc.double({ min: 0, max: 1, noNaN: true }),
    output: fc.double({ min: 0, max: 1, noNaN: true }),
    cached: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const within = (
    most: { inputTokens: number; outputTokens: number },
    share: { input: number; output: number; cached: number },
  ) => {
    const inputTokens = Math.floor(most.inputTokens * share.input);
    return {
      inputTokens,
      outputTokens: Math.floor(most.outputTokens * share.output),
      cacheWriteTokens: Math.floor(inputTokens * share.cached),
    };
  };

  it('covers every usage within the bound', () => {
    fc.assert(
      fc.property(bound, shares, (most, share) => {
        expect(maxCostOf(PRICES, most)).toBeGreaterThanOrEqual(costOf(PRICES, within(most, share)) ?? 0n);
      }),
    );
  });

  it('control: the plain cost at the bound does not cover them, since writing a cache costs more', () => {
    const most = { inputTokens: 100, outputTokens: 0 };
    expect(costOf(PRICES, { ...most, cacheWriteTokens: 100 })).toBeGreaterThan(costOf(PRICES, most) ?? 0n);
  });
});
