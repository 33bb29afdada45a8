import { expect, it } from 'vitest';
import { NO_PERFORMANCE, noteCall, performanceOf, type RecentCalls } from './performance.ts';

const noted = (latencies: readonly (number | null)[]) => latencies.reduce<RecentCalls>(noteCall, []);

it('tells nothing of few calls', () => {
  expect(performanceOf(noted([1, 2, 3, 4]))).toEqual(NO_PERFORMANCE);
});

it('tells quantiles of what was answered, and the part that was not', () => {
  const latencies = Array.from({ length: 20 }, (_, index) => (index + 1) * 10);
  expect(performanceOf(noted(latencies))).toEqual({ p50Ms: 100, p95Ms: 190, errorRate: 0 });
  expect(performanceOf(noted([...latencies, null, null, null, null, null]))).toMatchObject({
    p50Ms: 100,
    errorRate: 0.2,
  });
  expect(performanceOf(noted([null, null, null, null, null]))).toEqual({ p50Ms: null, p95Ms: null, errorRate: 1 });
});

it('forgets what is long ago', () => {
  const calls = noted([...Array.from({ length: 1_000 }, () => null), ...Array.from({ length: 64 }, () => 5)]);
  expect(calls).toHaveLength(64);
  expect(performanceOf(calls)).toEqual({ p50Ms: 5, p95Ms: 5, errorRate: 0 });
});
