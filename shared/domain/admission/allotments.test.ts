import { expect, it } from 'vitest';
import { budget, tenantWith } from '../../../test/harness/admission-tenant.ts';
import { Allotments, newAllotments, type Use } from './allotments.ts';
import { type Limit, limitsOf } from './limit.ts';

const NOW = Date.UTC(2026, 10, 22, 12);

const limitOf = (hardStop: boolean): Limit => {
  const [limit] = limitsOf(tenantWith({ budgets: [budget({ hardStop })] })).values();
  if (!limit) throw new Error('no limit');
  return limit;
};
const HARD = limitOf(true);
const SOFT = limitOf(false);

/** A shard whose root gives all that it is asked for, and counts what the shard has of it. */
function setUp() {
  const allotments = new Allotments(newAllotments('lease'), () => 'next');
  const use = { limitId: HARD.id, start: 0, spent: 0n, out: 0n, held: 0n };
  const root = { spent: 0n, out: 0n };
  const call = (isRenewal = false) => {
    const { statements, topUps } = allotments.compose([use satisfies Use], 1, NOW, isRenewal);
    for (const { spent, released } of statements) {
      root.spent += spent;
      root.out -= released < root.out ? released : root.out;
    }
    const grants = topUps.map(({ limitId, start, amount }) => ({
      limitId,
      start,
      end: Number.POSITIVE_INFINITY,
      amount,
    }));
    for (const { amount } of grants) root.out += amount;
    allotments.accept({ state: 'open', grants });
  };
  const room = (limit: Limit) => allotments.room(limit, [{ ...use, level: null, levelAt: 0, fired: [] }], NOW);
  const need = (amount: bigint) => allotments.need(HARD, amount, room(HARD), NOW);
  return { allotments, use, root, call, room, need };
}

it('a shard has what its root gave it, and gives back what nobody needed', () => {
  const { allotments, use, root, call, room, need } = setUp();
  expect(need(10n)).toBe(false);
  call();
  expect(room(HARD)).toBe(160n);
  use.spent = 7n;
  call(true);
  expect(root).toEqual({ spent: 7n, out: 153n });
  call(true);
  expect(root).toEqual({ spent: 7n, out: 0n });
  expect(room(HARD)).toBe(0n);
  expect(allotments.isIdle).toBe(true);
});

it('what a shard spent before a budget stops hard is not taken from what it is given then', () => {
  const { use, root, call, room, need } = setUp();
  use.spent = 1_000n;
  call();
  expect(room(SOFT)).toBeNull();
  expect(need(10n)).toBe(false);
  call();
  expect(room(HARD)).toBe(160n);
  expect(root).toEqual({ spent: 1_000n, out: 160n });
});

it('a shard that spent more than it was given, while its budget did not stop, has nothing to give back for it', () => {
  const { allotments, use, root, call, room, need } = setUp();
  need(10n);
  call();
  use.spent = 1_000n;
  call(true);
  expect(allotments.isIdle).toBe(true);
  expect(need(10n)).toBe(false);
  call();
  expect(room(HARD)).toBe(160n);
  expect(root).toEqual({ spent: 1_000n, out: 160n });
});
