import { expect, it } from 'vitest';
import { budgetPeriodStart } from './budget-period.ts';

it.each([
  ['day', '2026-11-18T23:59:59.999Z', '2026-11-18T00:00:00.000Z'],
  ['week', '2026-11-18T12:00:00.000Z', '2026-11-16T00:00:00.000Z'],
  ['week', '2026-11-22T23:00:00.000Z', '2026-11-16T00:00:00.000Z'],
  ['week', '2026-11-16T00:00:00.000Z', '2026-11-16T00:00:00.000Z'],
  ['month', '2026-02-28T12:00:00.000Z', '2026-02-01T00:00:00.000Z'],
  ['total', '2026-02-28T12:00:00.000Z', '1970-01-01T00:00:00.000Z'],
] as const)('a %s budget at %s counts from %s', (period, now, start) => {
  expect(new Date(budgetPeriodStart(period, Date.parse(now))).toISOString()).toBe(start);
});
