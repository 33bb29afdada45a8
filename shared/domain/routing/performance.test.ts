import { expect, it } from 'vitest';
import { CALLS_TELL_MS, NO_PERFORMANCE, RecentCalls } from './performance.ts';

const NOW = 1_763_780_000_000;

function noted(latencies: readonly (number | null)[]): RecentCalls {
  const calls = new RecentCalls();
  for (const latencyMs of latencies) calls.note(latencyMs, NOW);
  return calls;
}

it('tells nothing of few calls', () => {
  expect(noted([1, 2, 3, 4]).performanceAt(NOW)).toEqual(NO_PERFORMANCE);
});

it('tells quantiles of what was answered, and the part that was not', () => {
  const latencies = Array.from({ length: 20 }, (_, index) => (index + 1) * 10);
  expect(noted(latencies).performanceAt(NOW)).toEqual({ p50Ms: 100, p95Ms: 190, errorRate: 0 });
  const failures = [null, null, null, null, null];
  expect(noted([...latencies, ...failures]).performanceAt(NOW)).toMatchObject({ p50Ms: 100, errorRate: 0.2 });
  expect(noted(failures).performanceAt(NOW)).toEqual({ p50Ms: null, p95Ms: null, errorRate: 1 });
});

it('tells of a call that came after it was asked', () => {
  const calls = noted([1, 2, 3, 4, 5]);
  expect(calls.performanceAt(NOW).p95Ms).toBe(5);
  calls.note(90, NOW);
  expect(calls.performanceAt(NOW).p95Ms).toBe(90);
});

it('forgets what many calls came after, and what none came after for long', () => {
  const calls = noted([...Array.from({ length: 1_000 }, () => null), ...Array.from({ length: 64 }, () => 5)]);
  const last = NOW + CALLS_TELL_MS;
  expect(calls.performanceAt(last)).toEqual({ p50Ms: 5, p95Ms: 5, errorRate: 0 });
  expect(calls.performanceAt(last + 1)).toEqual(NO_PERFORMANCE);
  for (let call = 0; call < 5; call++) calls.note(7, last + 1);
  expect(calls.performanceAt(last + 1)).toMatchObject({ p50Ms: 7, p95Ms: 7 });
});
