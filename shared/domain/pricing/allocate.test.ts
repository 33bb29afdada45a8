import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../test/harness/seeded-random.ts';
import { roundToCents, splitByWeight } from './allocate.ts';

const CENT = 10_000_000_000n;
const COSTS = 100_000;
const CENTRES = 3;

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);
const distance = (one: bigint, other: bigint) => (one > other ? one - other : other - one);

/** Costs of a fraction of a cent to some dollars, as requests have. */
function* randomCosts(): Generator<bigint> {
  const random = seededRandom(5);
  for (let at = 0; at < COSTS; at++) yield BigInt(Math.floor(10 ** (random() * 7 + 5)));
}

/** Rounds each of a cost's equal shares by itself: the way that loses money. */
function splitCarelessly(cost: bigint): bigint[] {
  return Array.from({ length: CENTRES }, () => cost / BigInt(CENTRES));
}

describe('M5: a cost over three cost centres', () => {
  const equal = Array.from({ length: CENTRES }, () => 1n);

  it('sums to the whole, 100,000 times', () => {
    for (const cost of randomCosts()) {
      const parts = splitByWeight(cost, equal);
      if (sum(parts) !== cost || parts.some((part) => distance(part * 3n, cost) >= 3n)) expect(parts).toBe(cost);
    }
  });

  it('is invoiced in lines that sum to the rounded total, each less than a cent off', () => {
    const lines = [0n, 0n, 0n];
    for (const cost of randomCosts()) {
      const shares = splitByWeight(cost, [5n, 3n, 1n]);
      for (const at of lines.keys()) lines[at] = (lines[at] ?? 0n) + (shares[at] ?? 0n);
      const { cents, total } = roundToCents(shares);
      const isOff = cents.some((line, at) => distance(line * CENT, shares[at] ?? 0n) >= CENT);
      if (sum(cents) !== total || isOff || distance(total * CENT, cost) * 2n > CENT) expect(cents).toBe(cost);
    }
    const { cents, total } = roundToCents(lines);
    expect(sum(cents)).toBe(total);
    expect(distance(total * CENT, sum([...randomCosts()])) * 2n <= CENT).toBe(true);
  });

  it('control: shares that are rounded each by itself do not sum to the whole', () => {
    const lost = [...randomCosts()].filter((cost) => sum(splitCarelessly(cost)) !== cost);
    expect(lost.length).toBeGreaterThan(COSTS / 2);
  });
});

describe('roundToCents', () => {
  it('keeps every line within a cent, refunds too', () => {
    const costs = fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), { maxLength: 30 });
    fc.assert(
      fc.property(costs, (all) => {
        const { cents, total } = roundToCents(all);
        return sum(cents) === total && cents.every((line, at) => distance(line * CENT, all[at] ?? 0n) < CENT);
      }),
    );
  });
});

describe('splitByWeight', () => {
  it('refuses weights that say nothing', () => {
    expect(() => splitByWeight(1n, [0n, 0n])).toThrow(RangeError);
    expect(() => splitByWeight(1n, [2n, -1n])).toThrow(RangeError);
  });
});
