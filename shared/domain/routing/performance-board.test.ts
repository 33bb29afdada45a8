import { describe, expect, it } from 'vitest';
import { KnownPerformance } from './known-performance.ts';
import { CALLS_TELL_MS, NO_PERFORMANCE } from './performance.ts';
import { PerformanceBoard } from './performance-board.ts';

const NOW = 1_763_780_000_000;
const [NAME, OTHER] = ['account model', 'account other'];

function exchange(isolate: KnownPerformance, gate: PerformanceBoard, now = NOW): number {
  const news = gate.exchange(isolate.tell(), now);
  isolate.hear(news, now);
  return news.performance?.candidates.length ?? 0;
}

function note(isolate: KnownPerformance, latencies: readonly (number | null)[], name = NAME): void {
  for (const latencyMs of latencies) isolate.note(name, latencyMs, NOW);
}

describe('how candidates do', () => {
  it('is known to an isolate that called nobody, by the calls of all others', () => {
    const gate = new PerformanceBoard(NOW);
    const [one, other, idle] = [new KnownPerformance(), new KnownPerformance(), new KnownPerformance()];
    note(one, [10, 20, 30]);
    note(other, [40, 50, null]);
    for (const isolate of [one, other, idle]) exchange(isolate, gate);
    expect(idle.of(NAME, NOW)).toEqual({ p50Ms: 30, p95Ms: 50, errorRate: 1 / 6 });
    exchange(one, gate);
    expect(one.of(NAME, NOW)).toEqual(idle.of(NAME, NOW));
    expect(idle.of(OTHER, NOW)).toEqual(NO_PERFORMANCE);
  });

  it('control: isolates that tell nobody each know what they saw', () => {
    const [one, idle] = [new KnownPerformance(), new KnownPerformance()];
    note(one, [10, 20, 30, 40, 50]);
    expect(one.of(NAME, NOW).p50Ms).toBe(30);
    expect(idle.of(NAME, NOW)).toEqual(NO_PERFORMANCE);
  });

  it('is told once, and only what is news', () => {
    const gate = new PerformanceBoard(NOW);
    const [one, other] = [new KnownPerformance(), new KnownPerformance()];
    note(one, [1, 2, 3, 4, 5]);
    expect(exchange(one, gate)).toBe(1);
    expect([exchange(one, gate), exchange(other, gate), exchange(other, gate)]).toEqual([0, 1, 0]);
    note(other, [1, 2, 3, 4, 5], OTHER);
    expect([exchange(other, gate), exchange(one, gate)]).toEqual([1, 1]);
    expect(one.of(OTHER, NOW).p50Ms).toBe(3);
  });

  it('is what an isolate saw itself where the gate has forgotten, or is of an earlier release', () => {
    const isolate = new KnownPerformance();
    note(isolate, [1, 2, 3, 4, 5]);
    isolate.tell();
    isolate.hear({}, NOW);
    exchange(isolate, new PerformanceBoard(NOW));
    note(isolate, [9]);
    exchange(isolate, new PerformanceBoard(NOW + 1));
    expect(isolate.of(NAME, NOW)).toEqual({ p50Ms: 3, p95Ms: 9, errorRate: 0 });
  });

  it('is not told to an isolate of an earlier release, and is forgotten when nobody called for long', () => {
    const gate = new PerformanceBoard(NOW);
    const isolate = new KnownPerformance();
    note(isolate, [1, 2, 3, 4, 5]);
    exchange(isolate, gate);
    expect(gate.exchange({}, NOW)).toEqual({});
    expect(isolate.of(NAME, NOW + CALLS_TELL_MS).p50Ms).toBe(3);
    expect(isolate.of(NAME, NOW + CALLS_TELL_MS + 1)).toEqual(NO_PERFORMANCE);
  });
});
