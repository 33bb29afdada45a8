import { AT_RATE, STREAM, STREAM_PACED, SYNC, SYNC_20MS } from './loads.ts';
import type { Goal } from './report.ts';
import { FLOOR, ORCHESTRATE, PORTKEY, PORTKEY_NODE, PORTKEY_STAND_IN, SAME_SHAPE } from './targets.ts';

/** The product as a vendor's client calls it, and in its own format. */
const PRODUCT = [SAME_SHAPE, ORCHESTRATE];

const syncGoals = PRODUCT.flatMap((target): Goal[] => [
  {
    ...{ id: 'P1', what: `${target}: CPU over the floor`, load: SYNC.name, most: 1.5 },
    value: { of: 'ratio', measure: 'cpuMs', target, over: FLOOR },
  },
  {
    ...{ id: 'P2', what: `${target}: requests/s over Portkey on workerd`, load: SYNC.name, least: 1.6 },
    value: { of: 'ratio', measure: 'requestsPerSecond', target, over: PORTKEY },
  },
  {
    ...{ id: 'P3', what: `${target}: requests/s over Portkey on Node`, load: SYNC.name, least: 2.2 },
    value: { of: 'ratio', measure: 'requestsPerSecond', target, over: PORTKEY_NODE },
  },
  {
    ...{ id: 'P4', what: `${target}: ms that p50 is longer than the floor's`, load: SYNC_20MS.name, most: 0.5 },
    value: { of: 'difference', measure: 'p50', target, over: FLOOR },
  },
  {
    ...{ id: 'P5', what: `${target}: p99 over the floor's`, load: SYNC_20MS.name, most: 1.1 },
    value: { of: 'ratio', measure: 'p99', target, over: FLOOR },
  },
]);

const streamGoals = [STREAM, STREAM_PACED].flatMap(({ name: load }): Goal[] => [
  {
    ...{ id: 'P6', what: 'same-shape stream, metered, every event at once: CPU over the floor', load, most: 1.75 },
    value: { of: 'ratio', measure: 'cpuMs', target: SAME_SHAPE, over: FLOOR },
    isDelivered: true,
  },
  {
    ...{ id: 'P7', what: 'translated stream: CPU over Portkey on workerd, which only passes on', load, most: 0.85 },
    value: { of: 'ratio', measure: 'cpuMs', target: ORCHESTRATE, over: PORTKEY },
  },
  {
    ...{ id: 'P7', what: 'the same over its stand-in, which does less than Portkey', load, most: 0.85 },
    value: { of: 'ratio', measure: 'cpuMs', target: ORCHESTRATE, over: PORTKEY_STAND_IN },
  },
]);

const ratedGoals = PRODUCT.map(
  (target): Goal => ({
    ...{ id: 'QLT-002', what: `${target}: ms that p95 is longer than the floor's`, load: AT_RATE.name, most: 100 },
    value: { of: 'difference', measure: 'p95', target, over: FLOOR },
  }),
);

const gateGoals: Goal[] = [
  {
    ...{ id: 'P8', what: 'TenantGate’s calls and alarms per request of a busy tenant', most: 1 / 64 },
    value: { of: 'count', count: 'calls of a busy tenant' },
  },
  {
    ...{ id: 'P8', what: 'its commits per request of a busy tenant', most: 1 / 64 },
    value: { of: 'count', count: 'commits of a busy tenant' },
  },
  {
    ...{ id: 'P9', what: 'settles per second of one TenantGate, together over one by one', least: 15 },
    value: { of: 'count', count: 'settles together over one by one' },
  },
  {
    ...{ id: 'P10', what: 'calls of TenantGate before the answer to a quiet tenant', most: 1 },
    value: { of: 'count', count: 'calls before a quiet tenant’s answer' },
  },
];

const routingGoal: Goal = {
  ...{ id: 'ORCH-002', what: 'µs of a routing decision among 50 candidates, p99, the dearest strategy', most: 50 },
  value: { of: 'count', count: 'µs of a decision, p99' },
};

/** What performance.md and the founding tickets promise, in order of their numbers. */
export const GOALS: readonly Goal[] = [...syncGoals, ...streamGoals, ...gateGoals, ...ratedGoals, routingGoal].toSorted(
  (a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }),
);
