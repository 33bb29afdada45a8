import { describe, expect, it } from 'vitest';
import { describeLatencies, nearestRate, RATE_POINTS } from './load.ts';

describe('describeLatencies', () => {
  it('tells percentiles of unsorted latencies, and how many came in a second', () => {
    const latencies = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(describeLatencies(latencies, 500)).toEqual({ requestsPerSecond: 400, p50: 100, p95: 190, p99: 198 });
  });

  it('has no percentiles of nothing', () => {
    expect(describeLatencies([], 1000)).toMatchObject({ requestsPerSecond: 0, p50: Number.NaN });
  });
});

it('rounds rates to what can be spread evenly over a second, and never to nothing', () => {
  expect(nearestRate(RATE_POINTS * 3.4)).toBe(RATE_POINTS * 3);
  expect(nearestRate(1)).toBe(RATE_POINTS);
});
