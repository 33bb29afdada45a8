import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SettleCommand } from '../../../shared/contracts/rpc.ts';
import { SETTLE_GATHER_MS } from '../constants.ts';
import { SettlementGatherer } from './settlement-gatherer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const command = (requestId: string) => ({ requestId }) as SettleCommand;

function setUp(settle = async (_: readonly SettleCommand[]) => {}) {
  const calls: { tenantId: string; ids: string[] }[] = [];
  const gatherer = new SettlementGatherer((tenantId) => ({
    settle: async (commands) => {
      calls.push({ tenantId, ids: commands.map(({ requestId }) => requestId) });
      await settle(commands);
    },
  }));
  return { calls, gatherer };
}

it('hands one tenant’s settlements over together, and never two tenants’', async () => {
  const { calls, gatherer } = setUp();
  const settled = [
    gatherer.settle('t', command('1')),
    gatherer.settle('u', command('2')),
    gatherer.settle('t', command('3')),
  ];
  expect(calls).toEqual([]);
  await vi.advanceTimersByTimeAsync(SETTLE_GATHER_MS);
  await Promise.all(settled);
  expect(calls).toEqual([
    { tenantId: 't', ids: ['1', '3'] },
    { tenantId: 'u', ids: ['2'] },
  ]);
});

it('begins another batch once one is on its way, so that each settlement goes once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { calls, gatherer } = setUp(() => promise);
  const first = gatherer.settle('t', command('1'));
  await vi.advanceTimersByTimeAsync(SETTLE_GATHER_MS);
  const second = gatherer.settle('t', command('2'));
  await vi.advanceTimersByTimeAsync(SETTLE_GATHER_MS);
  resolve();
  await Promise.all([first, second]);
  expect(calls.map(({ ids }) => ids)).toEqual([['1'], ['2']]);
});

it('tries a batch again as a whole, and tells all of it when that does not help', async () => {
  let failures = 1;
  const { calls, gatherer } = setUp(async () => {
    if (failures-- > 0) throw new Error('away');
  });
  const settled = Promise.all([gatherer.settle('t', command('1')), gatherer.settle('t', command('2'))]);
  await vi.runAllTimersAsync();
  await settled;
  expect(calls.map(({ ids }) => ids)).toEqual([
    ['1', '2'],
    ['1', '2'],
  ]);

  failures = Number.POSITIVE_INFINITY;
  const ends = Promise.allSettled([gatherer.settle('t', command('3')), gatherer.settle('t', command('4'))]);
  await vi.runAllTimersAsync();
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
