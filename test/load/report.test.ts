import { describe, expect, it } from 'vitest';
import { BURSTS, type Delivery } from './delivery.ts';
import { type Goal, judge, pairedRatios, type Row, spreadOf, writeReport } from './report.ts';

const GOAL: Goal = {
  ...{ id: 'P0', what: 'a promise', measure: 'cpuMs', target: 'product', over: 'floor', load: 'calm', most: 1.5 },
};
const AT_ONCE: Delivery = { firstMs: 1, lastMs: 130, reads: 64, bursts: BURSTS, earlyShare: 0.9 };

function row(round: number, target: string, cpuMs: number | null, load = 'calm'): Row {
  return { round, target, load, cpuMs, requestsPerSecond: 100, p50: 1, p99: 2, completed: 10, failed: 0 };
}

describe('spreadOf', () => {
  it('tells the middle of an odd number of values, and of an even one the mean of the two in the middle', () => {
    expect(spreadOf([9, 1, 2])).toEqual({ median: 2, least: 1, most: 9 });
    expect(spreadOf([10, 1, 2, 4])).toEqual({ median: 3, least: 1, most: 10 });
  });

  it('is nothing of nothing', () => {
    expect(spreadOf([])).toBeNull();
  });
});

describe('pairedRatios', () => {
  it('compares within a round: a slow round is slow for both', () => {
    const rows = [row(1, 'floor', 1), row(1, 'product', 2), row(2, 'product', 20), row(2, 'floor', 10)];
    expect(pairedRatios(rows, GOAL)).toEqual([2, 2]);
  });

  it('leaves out rounds that lack one of the two, or its CPU, and other loads', () => {
    const rows = [
      ...[row(1, 'floor', 1), row(2, 'product', 2), row(3, 'floor', null), row(3, 'product', 3)],
      ...[row(4, 'floor', 1, 'heavy'), row(4, 'product', 4, 'heavy'), row(5, 'floor', 0), row(5, 'product', 5)],
    ];
    expect(pairedRatios(rows, GOAL)).toEqual([]);
  });
});

describe('judge', () => {
  const rows = [1, 2, 3].flatMap((round) => [row(round, 'floor', 1), row(round, 'product', round === 3 ? 9 : 1.5)]);

  it('goes by the median, and a ratio at the goal holds it', () => {
    expect(judge(rows, {}, GOAL)).toEqual({ goal: GOAL, ratio: { median: 1.5, least: 1.5, most: 9 }, holds: true });
    expect(judge(rows, {}, { ...GOAL, most: 1.49 }).holds).toBe(false);
  });

  it('leaves a goal open whose target was not measured', () => {
    expect(judge(rows, {}, { ...GOAL, over: 'absent' })).toMatchObject({ ratio: null, holds: null });
  });

  it('asks for every burst where events must come at once', () => {
    const goal = { ...GOAL, isDelivered: true };
    expect(judge(rows, { product: AT_ONCE }, goal).holds).toBe(true);
    expect(judge(rows, { product: { ...AT_ONCE, bursts: BURSTS - 1 } }, goal).holds).toBe(false);
    expect(judge(rows, {}, goal).holds).toBe(false);
  });
});

it('writes each load, each stream and each goal as a table', () => {
  const rows = [row(1, 'floor', 1), row(1, 'product', 2)];
  const report = writeReport(rows, { product: AT_ONCE }, [GOAL, { ...GOAL, id: 'P9', over: 'absent' }], 'floor');
  expect(report.split('\n\n')).toHaveLength(3);
  expect(report).toMatch(/^\| product +\| 2\.00 \(2\.00\.\.2\.00\) \| 2\.00 \(2\.00\.\.2\.00\) /m);
  expect(report).toMatch(/^\| P0 .*\| ≤ 1\.50 +\| 2\.00 \(2\.00\.\.2\.00\) \| NO +\|$/m);
  expect(report).toMatch(/^\| P9 .*\| not measured +\| - +\|$/m);
});
