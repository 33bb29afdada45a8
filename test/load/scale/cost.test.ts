import { expect, it } from 'vitest';
import { costPerMillion, cpuOf } from './cost.ts';
import { MEASURED, splitCost, TOGETHER } from './measurements.ts';
import { LIMITS, PRICES } from './prices.ts';
import { writeScale } from './scale-report.ts';
import { DEFAULT_SCALE, type ScaleResult } from './simulation.ts';

/** Half of the requests are admitted without a call, and every message brings two. */
const RESULT: ScaleResult = {
  ...{
    requests: 100,
    refused: 0,
    tenants: 10,
    objects: 12,
    shards: 2,
    local: 50,
    waitP50: 10,
    waitP99: 20,
    running: 30,
  },
  gates: {
    ...{ holds: 0, syncs: 60, alarms: 20, confirms: 15, takes: 5, rowsRead: 300, rowsWritten: 400 },
    ...{ messages: 50, messageBytes: 50_000, messageChunks: 50, events: 100 },
  },
  busiest: { calls: 40, requests: 20, busyShare: 0.5 },
};

it('splits a cost into what each costs and what those in a message share', () => {
  const { each, shared } = splitCost(10, 2);
  expect(each + shared).toBeCloseTo(10);
  expect(each + shared / TOGETHER).toBeCloseTo(2);
});

it('takes CPU by the share of requests that ask, and by what messages bring', () => {
  const { gatewayMs, ledgerMs } = cpuOf(RESULT);
  expect(gatewayMs).toBeCloseTo((MEASURED.busyCpuMs.value + MEASURED.quietCpuMs.value) / 2);
  expect(ledgerMs).toBeGreaterThan(MEASURED.ledgerCpuOfMany.value);
  expect(ledgerMs).toBeLessThan(MEASURED.ledgerCpuOfOne.value);
});

it('prices a million requests', () => {
  const usd = Object.fromEntries(costPerMillion(RESULT).map((line) => [line.what, line.usd]));
  expect(usd).toMatchObject({
    'Workers: requests': 0.3,
    'Durable Objects: calls and alarms': expect.closeTo(0.15),
    'Durable Objects: rows written': expect.closeTo(4),
    'Queues: operations': expect.closeTo(0.6),
  });
});

it('writes quantities, bounds and costs with their sum, and what they were reckoned from', () => {
  const report = writeScale(DEFAULT_SCALE, RESULT);
  expect(report.split('\n\n')).toHaveLength(6);
  expect(report).toMatch(/^\| calls of objects: sync +\| 60 +\| 0\.600 /m);
  expect(report).toMatch(/^\| calls of the busiest object, a second, with 20 requests\/s +\| 40 +\| 1000, soft /m);
  const total = costPerMillion(RESULT).reduce((sum, { usd }) => sum + usd, 0);
  expect(report).toMatch(new RegExp(`^\\| all +\\| +\\| ${total.toFixed(2)} +\\|$`, 'm'));
  for (const { source } of [...Object.values(PRICES), ...Object.values(LIMITS)]) expect(report).toContain(source);
});
