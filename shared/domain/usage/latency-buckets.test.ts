import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, quantileOf, upperBoundOf } from './latency-buckets.ts';

const TOLERANCE = 0.025;

function histogramOf(latencies: readonly number[]): Map<number, number> {
  const histogram = new Map<number, number>();
  for (const latency of latencies) histogram.set(bucketOf(latency), (histogram.get(bucketOf(latency)) ?? 0) + 1);
  return histogram;
}

function exactQuantile(latencies: readonly number[], q: number): number {
  const sorted = latencies.toSorted((one, other) => one - other);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? Number.NaN;
}

const isWithin = (found: number, exact: number) => Math.abs(found - exact) <= Math.max(1, exact) * TOLERANCE;

describe('latency buckets', () => {
  it.each([
    [0, 0],
    [1, 0],
    [2, 15],
    [1_000, 142],
    [60_000, 226],
    [42_000_000, 360],
    [Number.MAX_SAFE_INTEGER, 360],
  ])('%d ms is in bucket %d', (milliseconds, bucket) => {
    expect(bucketOf(milliseconds)).toBe(bucket);
  });

  it('hold what is up to their bound and above the bound before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 42_000_000 }), (milliseconds) => {
        const bucket = bucketOf(milliseconds);
        return milliseconds <= upperBoundOf(bucket) && milliseconds > upperBoundOf(bucket - 1);
      }),
    );
  });
});

describe('quantileOf', () => {
  const latencies = fc.array(fc.integer({ min: 1, max: 40_000_000 }), { minLength: 1, maxLength: 200 });
  const anyQ = fc.double({ min: 0, max: 1, noNaN: true });

  it('is within 2.5 % of the exact quantile', () => {
    fc.assert(
      fc.property(latencies, anyQ, (all, q) => isWithin(quantileOf(histogramOf(all), q) ?? 0, exactQuantile(all, q))),
    );
  });

  it('is within 2.5 % of every single latency up to 3 s, and exact up to 20 ms', () => {
    for (let latency = 1; latency <= 3_000; latency++) {
      const found = quantileOf(histogramOf([latency]), 0.5) ?? 0;
      expect(isWithin(found, latency)).toBe(true);
      if (latency <= 20) expect(found).toBe(latency);
    }
  });

  it('takes buckets in any order, and leaves empty ones out', () => {
    const histogram = histogramOf([5, 7, 10, 100]);
    const reversed = [...histogram, [50, 0] as const].toReversed();
    for (const q of [0, 0.5, 0.95, 1]) expect(quantileOf(reversed, q)).toBe(quantileOf(histogram, q));
    expect(quantileOf(histogram, 0.5)).toBe(7);
  });

  it('is null for no latency', () => {
    expect(quantileOf([], 0.5)).toBeNull();
    expect(quantileOf([[3, 0]], 0.5)).toBeNull();
  });

  it('control: the nearest bound of a bucket would not be within 2.5 %', () => {
    const bounds = Array.from({ length: 3_000 }, (_, at) => [upperBoundOf(bucketOf(at + 1)), at + 1] as const);
    expect(bounds.every(([bound, latency]) => isWithin(bound, latency))).toBe(false);
  });
});
