import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { MemoryGate, plainHold, plainTenant } from '../../../test/harness/memory-gate.ts';
import { TenantSessions } from './tenant-sessions.ts';

const START = Date.UTC(2026, 0, 1);
const RUN_MS = 3_000;
const TICK_MS = 10;
const REQUEST_MS = 30;

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

/** What one tenant saw: how each of its requests ended and when, and what was called of its TenantGate. */
interface View {
  readonly outcomes: string[];
  readonly calls: readonly string[];
}

/** Load that a tenant sends: so many requests in each tick. */
type Load = readonly [tenant: TenantSnapshot, perTick: number];

/** Lets one isolate serve tenants side by side; answers what each of them saw. */
async function serve(loads: readonly Load[]): Promise<View[]> {
  const now = () => Date.now();
  const gates = new Map(loads.map(([tenant]) => [tenant.tenantId, new MemoryGate(tenant, now)]));
  const gate = (tenantId: string) => {
    const known = gates.get(tenantId);
    if (!known) throw new Error('no such tenant');
    return known;
  };
  const sessions = new TenantSessions({
    gate,
    now,
    onNews: () => {},
    onFailure: (_tenantId, error) => {
      throw error;
    },
  });
  const outcomes = loads.map((): string[] => []);
  const work: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>) => void work.push(promise);

  const request = async (snapshot: TenantSnapshot, seen: string[]) => {
    const session = sessions.of(snapshot.tenantId);
    const { requestId, index } = session.nextRequest();
    const hold = plainHold(snapshot, requestId);
    const demand = {
      snapshot,
      hold,
      most: { picoUsd: 1_000n, tokens: 2n },
      index,
      priority: 'normal',
      pulse: { seenAt: 0 },
    } as const;
    const local = session.admitLocally(demand);
    if (local) session.tellSoon(waitUntil);
    const admitted = local ? { ok: true as const, value: local } : await session.ask(demand, waitUntil);
    seen.push(`${now() - START}: ${admitted.ok ? 'admitted' : admitted.error.reason}`);
    if (!admitted.ok) return;
    await new Promise((resolve) => setTimeout(resolve, REQUEST_MS));
    session.settle(admitted.value, { picoUsd: 10n, tokens: 2n, isCounted: true }, '{}', waitUntil);
  };

  for (let tick = 0; tick < RUN_MS / TICK_MS; tick++) {
    for (const [at, [tenant, perTick]] of loads.entries()) {
      for (let sent = 0; sent < perTick; sent++) work.push(request(tenant, outcomes[at] ?? []));
    }
    await vi.advanceTimersByTimeAsync(TICK_MS);
  }
  await vi.runAllTimersAsync();
  await Promise.all(work);
  return loads.map(([{ tenantId }], at) => ({ outcomes: outcomes[at] ?? [], calls: gate(tenantId).calls }));
}

const countOf = ({ outcomes }: View, outcome: string) => outcomes.filter((each) => each.endsWith(outcome)).length;

/** A hundred in a second, of which the noisy tenant sends ten times as many. */
const LIMIT = { maxRequests: 100, windowSeconds: 1, maxConcurrent: 100 };
const STEADY = 1;
const NOISY = 10;

it('L6: a tenant at ten times its limit changes nothing for its neighbour: no outcome, no instant, no call', async () => {
  const [noisy, steady] = [plainTenant([LIMIT]), plainTenant([{ maxRequests: 1_000_000, maxConcurrent: 1_000 }])];
  const [alone] = await serve([[steady, STEADY]]);
  vi.setSystemTime(START);
  const [neighbour, beside] = await serve([
    [noisy, NOISY],
    [steady, STEADY],
  ]);
  if (!alone || !neighbour || !beside) throw new Error('each load has a view');
  expect(countOf(beside, 'admitted')).toBe((RUN_MS / TICK_MS) * STEADY);
  expect(beside).toEqual(alone);
  expect(countOf(neighbour, 'admitted')).toBeLessThanOrEqual(3 * LIMIT.maxRequests);
  expect(countOf(neighbour, 'limit_reached')).toBeGreaterThanOrEqual(
    (RUN_MS / TICK_MS) * NOISY - 3 * LIMIT.maxRequests,
  );
});

it('L6 control: it does where both are one tenant', async () => {
  const shared = plainTenant([LIMIT]);
  const [alone] = await serve([[shared, STEADY]]);
  vi.setSystemTime(START);
  const [beside] = await serve([
    [shared, STEADY],
    [shared, NOISY],
  ]);
  if (!alone || !beside) throw new Error('each load has a view');
  expect(countOf(alone, 'limit_reached')).toBe(0);
  expect(countOf(beside, 'limit_reached')).toBeGreaterThan(0);
  expect(beside.outcomes).not.toEqual(alone.outcomes);
});
