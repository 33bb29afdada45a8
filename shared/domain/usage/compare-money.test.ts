import { describe, expect, it } from 'vitest';
import { compareMoney, type TenantStanding } from './compare-money.ts';

const standing = (change: Partial<TenantStanding> = {}): TenantStanding => ({
  ...{ spentPicoUsd: 100n, outPicoUsd: 0n, unrecordedPicoUsd: 0n, unrecordedCount: 0 },
  shards: [{ spentPicoUsd: change.spentPicoUsd ?? 100n, outPicoUsd: change.outPicoUsd ?? 0n }],
  ...change,
});

const SHARD = { spentPicoUsd: 1n, outPicoUsd: 0n };
const ROOT = { spentPicoUsd: 100n, outPicoUsd: 20n };

describe('M8: compareMoney', () => {
  it('at rest, takes what is equal only', () => {
    expect(compareMoney(standing(), standing(), 100n)).toEqual({ state: 'exact' });
    for (const found of [99n, 101n])
      expect(compareMoney(standing(), standing(), found)).toEqual({ state: 'different', expected: 100n, found });
  });

  it('is as exact while something is held', () => {
    const holding = standing({ outPicoUsd: 50n });
    expect(compareMoney(holding, holding, 100n)).toEqual({ state: 'exact' });
    expect(compareMoney(holding, holding, 101n)).toMatchObject({ state: 'different' });
  });

  it('takes what can be while requests end', () => {
    const [before, after] = [standing(), standing({ spentPicoUsd: 110n })];
    for (const found of [100n, 105n, 110n]) expect(compareMoney(before, after, found)).toEqual({ state: 'within' });
    expect(compareMoney(before, after, 99n)).toEqual({ state: 'different', expected: 100n, found: 99n });
    expect(compareMoney(before, after, 111n)).toEqual({ state: 'different', expected: 110n, found: 111n });
  });

  it('takes what lacks what is on its way, and no more', () => {
    const waiting = standing({ unrecordedPicoUsd: 30n, unrecordedCount: 2 });
    for (const found of [70n, 100n]) expect(compareMoney(waiting, waiting, found)).toEqual({ state: 'within' });
    expect(compareMoney(waiting, waiting, 69n)).toEqual({ state: 'different', expected: 70n, found: 69n });
  });

  it('takes more than was spent while a correction may be on its way, which lowers it', () => {
    const waiting = standing({ unrecordedPicoUsd: 5n, unrecordedCount: 1 });
    expect(compareMoney(waiting, waiting, 500n)).toEqual({ state: 'within' });
    expect(compareMoney(waiting, standing(), 500n)).toEqual({ state: 'within' });
  });

  it('takes what shards may not have told of yet, as far as it was given to them', () => {
    const spread = standing({ outPicoUsd: 20n, shards: [ROOT, SHARD] });
    expect(compareMoney(spread, spread, 120n)).toEqual({ state: 'within' });
    expect(compareMoney(spread, spread, 121n)).toMatchObject({ state: 'different', expected: 120n });
    const told = standing({ shards: [{ ...ROOT, outPicoUsd: 0n }, SHARD] });
    expect(compareMoney(told, told, 101n)).toMatchObject({ state: 'different', expected: 100n });
  });
});
