import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRICE_KINDS, type PriceComponent } from '../../contracts/tenant-snapshot.ts';
import type { Usage } from '../../contracts/usage.ts';
import { costOf, maxCostOf, toUsdNumber } from './cost.ts';

const component = (kind: PriceComponent['kind'], price: bigint, fromInputTokens = 0): PriceComponent => ({
  kind,
  picoUsdPerUnit: price.toString(),
  fromInputTokens,
});

const TEXT = [
  component('input', 100n),
  component('input', 200n, 1000),
  component('cached_input', 10n),
  component('cache_write', 125n),
  component('output', 400n),
  component('output', 600n, 1000),
  component('request', 5n),
];
const EVERYTHING = [
  ...TEXT,
  component('audio_input', 700n),
  component('audio_output', 900n),
  component('search', 10_000n),
  component('search', 12_000n, 1000),
];

describe('costOf', () => {
  it('prices plain, cached and written input apart, and adds the fee of the request', () => {
    const usage = { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 10, outputTokens: 7 };
    expect(costOf(TEXT, usage)).toBe(30n * 100n + 60n * 10n + 10n * 125n + 7n * 400n + 5n);
  });

  it('prices audio and searches apart, and reasoning as the output that it is', () => {
    const usage = { inputTokens: 100, audioInputTokens: 40, outputTokens: 50, audioOutputTokens: 20, searches: 3 };
    const cost = 60n * 100n + 40n * 700n + 30n * 400n + 20n * 900n + 3n * 10_000n + 5n;
    expect(costOf(EVERYTHING, usage)).toBe(cost);
    expect(costOf(EVERYTHING, { ...usage, reasoningTokens: 30 })).toBe(cost);
  });

  it('prices a whole request by the tier that its input reaches', () => {
    expect(costOf(TEXT, { inputTokens: 999, outputTokens: 1 })).toBe(99_900n + 400n + 5n);
    expect(costOf(TEXT, { inputTokens: 1000, outputTokens: 1 })).toBe(200_000n + 600n + 5n);
  });

  it.each([
    ['all is audio', { audioInputTokens: 100, cacheWriteTokens: 50, cachedInputTokens: 50 }, 100n * 700n],
    [
      'audio, then writes',
      { audioInputTokens: 60, cacheWriteTokens: 50, cachedInputTokens: 50 },
      60n * 700n + 40n * 125n,
    ],
    [
      'writes, then reads',
      { audioInputTokens: 0, cacheWriteTokens: 60, cachedInputTokens: 60 },
      60n * 125n + 40n * 10n,
    ],
    ['one beyond the total', { audioInputTokens: 0, cachedInputTokens: 101 }, 100n * 10n],
  ])('prices no token twice where parts overlap: %s', (_, parts, input) => {
    const usage = { inputTokens: 100, outputTokens: 0, audioOutputTokens: 0, ...parts };
    expect(costOf(EVERYTHING, usage)).toBe(input + 5n);
  });

  it('a part without a price of its own costs what the rest does', () => {
    const usage = { inputTokens: 10, audioInputTokens: 10, outputTokens: 10, audioOutputTokens: 10, searches: 10 };
    expect(costOf(TEXT, usage)).toBe(costOf(TEXT, { inputTokens: 10, outputTokens: 10 }));
  });

  it.each(['inputTokens', 'outputTokens', 'audioInputTokens', 'audioOutputTokens'] as const)(
    'takes unknown usage for unknown, never for zero: %s',
    (count) => {
      const whole = { inputTokens: 9, outputTokens: 9, audioInputTokens: 0, audioOutputTokens: 0 };
      const { [count]: _, ...rest } = whole;
      expect(costOf(EVERYTHING, whole)).toBe(9n * 100n + 9n * 400n + 5n);
      expect(costOf(EVERYTHING, rest)).toBeNull();
    },
  );

  it('takes searches that nobody told for unknown where the request could search, and for none where it could not', () => {
    const prices = [component('input', 1n), component('search', 10_000n)];
    expect(costOf(prices, { inputTokens: 9 }, { searches: 1 })).toBeNull();
    expect(costOf(prices, { inputTokens: 9, searches: 0 }, { searches: 1 })).toBe(9n);
    expect(costOf(prices, { inputTokens: 9 })).toBe(9n);
    expect(costOf(prices, { inputTokens: 9, searches: 2 })).toBe(20_009n);
  });

  it('asks for no count without a price: an embedding has no output', () => {
    expect(costOf([component('input', 100n)], { inputTokens: 8 })).toBe(800n);
  });

  it('is exact where floating point is not: a million times 3 micro-USD', () => {
    const one = costOf([component('input', 3_000_000n)], { inputTokens: 1, outputTokens: 0 }) ?? 0n;
    expect(toUsdNumber(one * 1_000_000n)).toBe(3);
    expect(Array.from({ length: 1_000_000 }, () => 0.000003).reduce((sum, cost) => sum + cost, 0)).not.toBe(3);
  });
});

describe('prices and usages of any kind', () => {
  const prices = fc.array(
    fc
      .record({
        kind: fc.constantFrom(...PRICE_KINDS),
        price: fc.bigInt(0n, 1_000n),
        from: fc.constantFrom(0, 10, 1_000),
      })
      .map(({ kind, price, from }) => component(kind, price, from)),
    { minLength: 1, maxLength: 20 },
  );
  /** Any usage within a bound; its parts may overlap, and exceed what they are parts of. */
  const usages = fc
    .record({ inputTokens: fc.nat(3_000), outputTokens: fc.nat(500), searches: fc.nat(5) })
    .chain((bound) =>
      fc.record({
        bound: fc.constant(bound),
        usage: fc.record({
          inputTokens: fc.nat(bound.inputTokens),
          outputTokens: fc.nat(bound.outputTokens),
          searches: fc.nat(bound.searches),
          audioInputTokens: fc.nat(bound.inputTokens),
          cacheWriteTokens: fc.nat(bound.inputTokens),
          cachedInputTokens: fc.nat(bound.inputTokens),
          audioOutputTokens: fc.nat(bound.outputTokens),
        }),
      }),
    );
  /** Of some components, the one that prices a kind: reckoned anew each time, with nothing made ready. */
  const priceOf = (
    components: readonly PriceComponent[],
    kind: PriceComponent['kind'],
    inputTokens: number,
  ): bigint => {
    const reached = components.filter((each) => each.kind === kind && each.fromInputTokens <= inputTokens);
    const highest = Math.max(...reached.map((each) => each.fromInputTokens));
    return BigInt(reached.find((each) => each.fromInputTokens === highest)?.picoUsdPerUnit ?? -1);
  };
  type Counts = { [Count in keyof Required<Usage>]?: number } & { readonly inputTokens: number };
  const plainCost = (components: readonly PriceComponent[], usage: Counts): bigint => {
    const price = (kind: PriceComponent['kind']) => priceOf(components, kind, usage.inputTokens);
    const total = (
      kind: PriceComponent['kind'],
      units = 0,
      parts: readonly (readonly [PriceComponent['kind'], number | undefined])[] = [],
    ) => {
      let [cost, rest] = [0n, BigInt(units)];
      for (const [part, count = 0] of parts) {
        if (price(part) < 0n) continue;
        const taken = BigInt(count) < rest ? BigInt(count) : rest;
        cost += taken * price(part);
        rest -= taken;
      }
      return price(kind) < 0n ? cost : cost + rest * price(kind);
    };
    const { audioInputTokens, cacheWriteTokens, cachedInputTokens, audioOutputTokens } = usage;
    return (
      total('input', usage.inputTokens, [
        ['audio_input', audioInputTokens],
        ['cache_write', cacheWriteTokens],
        ['cached_input', cachedInputTokens],
      ]) +
      total('output', usage.outputTokens, [['audio_output', audioOutputTokens]]) +
      total('search', usage.searches) +
      total('request', 1)
    );
  };
  const isPlain = (cost: typeof costOf) =>
    fc.property(prices, usages, (components, { usage }) => cost(components, usage) === plainCost(components, usage));

  it('costs what it does component by component', () => {
    fc.assert(isPlain(costOf), { numRuns: 5_000 });
  });

  it('control: not by the lowest tier, nor by what was made ready for other components', () => {
    const lowest: typeof costOf = (components, usage) => costOf(components, { ...usage, inputTokens: 9 });
    const [first] = fc.sample(prices, { numRuns: 1, seed: 1 });
    expect(fc.check(isPlain(lowest), { numRuns: 5_000, seed: 1 }).failed).toBe(true);
    expect(
      fc.check(
        isPlain((_, usage) => costOf(first ?? [], usage)),
        { numRuns: 5_000, seed: 1 },
      ).failed,
    ).toBe(true);
  });

  const covers = (mostOf: typeof maxCostOf) =>
    fc.property(prices, usages, (components, { bound, usage }) => {
      const cost = costOf(components, usage);
      return cost !== null && mostOf(components, bound) >= cost;
    });

  it('covers every usage within the bound', () => {
    fc.assert(covers(maxCostOf), { numRuns: 5_000 });
  });

  it.each(PRICE_KINDS)('control: one that forgets %s does not', (kind) => {
    const forgetful: typeof maxCostOf = (components, bound) =>
      maxCostOf(
        components.filter((each) => each.kind !== kind),
        bound,
      );
    expect(fc.check(covers(forgetful), { numRuns: 5_000, seed: 1 }).failed).toBe(true);
  });

  it('control: nor does the plain cost at the bound, since writing a cache costs more', () => {
    const most = { inputTokens: 100, outputTokens: 0 };
    expect(costOf(TEXT, { ...most, cacheWriteTokens: 100 })).toBeGreaterThan(costOf(TEXT, most) ?? 0n);
  });
});
