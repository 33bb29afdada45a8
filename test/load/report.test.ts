import { describe, expect, it } from 'vitest';
import { BURSTS, type Delivery } from './delivery.ts';
import {
  type Goal,
  judge,
  type Measured,
  type Paired,
  pairedValues,
  type Row,
  spreadOf,
  writeDeliveries,
  writeLoads,
  writeVerdicts,
} from './report.ts';

const CPU: Paired = { of: 'ratio', measure: 'cpuMs', target: 'product', over: 'floor' };
const GOAL = { id: 'P0', what: 'a promise', load: 'calm', value: CPU, most: 1.5 } satisfies Goal;
const AT_ONCE: Delivery = { firstMs: 1, lastMs: 130, reads: 64, bursts: BURSTS, earlyShare: 0.9 };

function row(round: number, target: string, cpuMs: number | null, load = 'calm'): Row {
  const busy = { target: 0.9, clients: 0.2, upstream: 0.1, others: 0.3 };
  return {
    round,
    target,
    load,
    cpuMs,
    memoryMb: 90,
    busy,
    requestsPerSecond: 100,
    p50: 1,
    p95: 2,
    p99: 2,
    completed: 10,
    failed: 0,
  };
}

function measured(found: Partial<Measured>): Measured {
  return { rows: [], deliveries: {}, counts: {}, ...found };
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

describe('pairedValues', () => {
  const rows = [row(1, 'floor', 1), row(1, 'product', 2), row(2, 'product', 20), row(2, 'floor', 10)];

  it('compares within a round: a slow round is slow for both', () => {
    expect(pairedValues(rows, 'calm', CPU)).toEqual([2, 2]);
    expect(pairedValues(rows, 'calm', { ...CPU, of: 'difference' })).toEqual([1, 10]);
  });

  it('leaves out rounds that lack one of the two, or its CPU, and other loads', () => {
    const lacking = [
      ...[row(1, 'floor', 1), row(2, 'product', 2), row(3, 'floor', null), row(3, 'product', 3)],
      ...[row(4, 'floor', 1, 'heavy'), row(4, 'product', 4, 'heavy')],
    ];
    expect(pairedValues(lacking, 'calm', CPU)).toEqual([]);
    expect(pairedValues(lacking, 'calm', { ...CPU, of: 'difference' })).toEqual([]);
  });

  it('leaves out rounds in which a request failed', () => {
    const [floor, product] = [row(1, 'floor', 1), row(1, 'product', 2)];
    expect(pairedValues([floor, { ...product, failed: 1 }], 'calm', CPU)).toEqual([]);
    expect(pairedValues([{ ...floor, failed: 1 }, product], 'calm', CPU)).toEqual([]);
  });

  it('has no ratio over nothing, but a difference', () => {
    const overNothing = [row(1, 'floor', 0), row(1, 'product', 5)];
    expect(pairedValues(overNothing, 'calm', CPU)).toEqual([]);
    expect(pairedValues(overNothing, 'calm', { ...CPU, of: 'difference' })).toEqual([5]);
  });
});

describe('judge', () => {
  const rows = [1, 2, 3].flatMap((round) => [row(round, 'floor', 1), row(round, 'product', round === 3 ? 9 : 1.5)]);

  it('goes by the median, and a value at the bound holds it, from either side', () => {
    const value = { median: 1.5, least: 1.5, most: 9 };
    expect(judge(measured({ rows }), GOAL)).toEqual({ goal: GOAL, value, holds: true });
    expect(judge(measured({ rows }), { ...GOAL, most: 1.49 }).holds).toBe(false);
    const { most: _, ...unbounded } = GOAL;
    expect(judge(measured({ rows }), { ...unbounded, least: 1.5 }).holds).toBe(true);
    expect(judge(measured({ rows }), { ...unbounded, least: 1.51 }).holds).toBe(false);
  });

  it('judges differences and counts as it judges ratios', () => {
    expect(judge(measured({ rows }), { ...GOAL, value: { ...CPU, of: 'difference' }, most: 0.5 }).holds).toBe(true);
    const counted: Goal = { id: 'P0', what: 'calls', value: { of: 'count', count: 'calls' }, most: 1 };
    expect(judge(measured({ counts: { calls: [1, 1, 2] } }), counted).holds).toBe(true);
    expect(judge(measured({ counts: { calls: [2] } }), counted).holds).toBe(false);
    expect(judge(measured({}), counted)).toMatchObject({ value: null, holds: null });
  });

  it('leaves a goal open whose target was not measured', () => {
    const goal = { ...GOAL, value: { ...CPU, over: 'absent' } };
    expect(judge(measured({ rows }), goal)).toMatchObject({ value: null, holds: null });
  });

  it('asks for every burst where events must come at once', () => {
    const goal = { ...GOAL, isDelivered: true };
    expect(judge(measured({ rows, deliveries: { product: AT_ONCE } }), goal).holds).toBe(true);
    const merged = { ...AT_ONCE, bursts: BURSTS - 1 };
    expect(judge(measured({ rows, deliveries: { product: merged } }), goal).holds).toBe(false);
    expect(judge(measured({ rows }), goal).holds).toBe(false);
  });
});

describe('tables', () => {
  it('show each target under each load beside the base', () => {
    const rows = [row(1, 'floor', 1), row(1, 'product', 2), row(1, 'floor', 5, 'heavy')];
    const tables = writeLoads(rows, 'floor');
    expect(tables).toHaveLength(2);
    expect(tables[0]).toMatch(/^\| calm .*\| CPU × floor /m);
    expect(tables[0]).toMatch(/^\| product +\| 2\.000 \(2\.000\.\.2\.000\) \| 2\.00 \(2\.00\.\.2\.00\) /m);
    expect(tables[1]).not.toContain('product');
  });

  it('show how streams came', () => {
    expect(writeDeliveries({ product: AT_ONCE })).toMatch(/^\| product +\| 1 +\| 130 +\| 64 +\| 7 +\| 90 % /m);
  });

  it('show goals of both kinds of bound, and those that were not measured', () => {
    const rows = [row(1, 'floor', 1), row(1, 'product', 2)];
    const { most: _, ...unbounded } = GOAL;
    const goals: Goal[] = [GOAL, { ...unbounded, least: 1.6 }, { ...GOAL, value: { ...CPU, over: 'absent' } }];
    const [atMost, atLeast, absent] = writeVerdicts(goals.map((goal) => judge(measured({ rows }), goal)))
      .split('\n')
      .slice(2);
    expect(atMost).toMatch(/\| ≤ 1\.50 +\| 2\.00 \(2\.00\.\.2\.00\) \| NO +\|$/);
    expect(atLeast).toMatch(/\| ≥ 1\.60 +\| 2\.00 \(2\.00\.\.2\.00\) \| yes +\|$/);
    expect(absent).toMatch(/\| not measured +\| - +\|$/);
  });
});
