import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemoryGate, plainHold, plainTenant } from '../../../test/harness/memory-gate.ts';
import { QUEUE_RETRY_MS } from '../constants.ts';
import { TenantSession } from './tenant-session.ts';
import type { Priority } from './waiting-line.ts';

const START = Date.UTC(2026, 0, 1);
const REQUEST_MS = 30;
const CAP = 5;

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

/** One isolate of a tenant that may run five requests at once. */
function setUp(queueMs: number) {
  const now = () => Date.now();
  const snapshot = plainTenant([{ maxConcurrent: CAP, queueMs }]);
  const gate = new MemoryGate(snapshot, now);
  const session = new TenantSession({
    ...{ leaseId: crypto.randomUUID(), gate, now },
    onNews: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
  let running = 0;
  const seen = { most: 0, begun: [] as Priority[], outcomes: [] as string[] };
  const waitUntil = (promise: Promise<unknown>) => void promise;
  const send = async (priority: Priority, isHasty = false): Promise<void> => {
    const { requestId, index } = session.nextRequest();
    const hold = plainHold(snapshot, requestId);
    const demand = {
      snapshot,
      hold,
      most: { picoUsd: 1_000n, tokens: 2n },
      index,
      priority,
      pulse: { seenAt: 0 },
      isHasty,
    };
    const local = session.admitLocally(demand);
    if (local) session.tellSoon(waitUntil);
    const admitted = local ? { ok: true as const, value: local } : await session.ask(demand, waitUntil);
    seen.outcomes.push(admitted.ok ? 'admitted' : admitted.error.reason);
    if (!admitted.ok) return;
    seen.begun.push(priority);
    seen.most = Math.max(seen.most, ++running);
    await new Promise((resolve) => setTimeout(resolve, REQUEST_MS));
    running--;
    session.settle(admitted.value, { picoUsd: 10n, tokens: 2n, isCounted: true }, '{}', waitUntil);
  };
  return { send, seen };
}

it('lets each of many requests at once begin in its turn, never more of them than the limit, the urgent first', async () => {
  const { send, seen } = setUp(60_000);
  const first = Array.from({ length: CAP }, () => send('low'));
  await vi.advanceTimersByTimeAsync(5);
  const rest = (['low', 'normal', 'high'] as const).flatMap((each) => Array.from({ length: 10 }, () => send(each)));
  await vi.advanceTimersByTimeAsync(10_000);
  await Promise.all([...first, ...rest]);
  expect(seen.outcomes).toEqual(Array(CAP + 30).fill('admitted'));
  expect(seen.most).toBe(CAP);
  const turns = ['high', 'normal', 'low'].flatMap((each) => Array<string>(10).fill(each));
  expect(seen.begun.slice(CAP)).toEqual(turns);
});

it('finds room for one that waits behind a busy time, though its isolate had leased for more to come', async () => {
  const { send, seen } = setUp(1_000);
  for (let round = 0; round < 20; round++) {
    void send('normal');
    void send('normal');
    await vi.advanceTimersByTimeAsync(20);
  }
  const burst = Array.from({ length: 3 * CAP }, () => send('normal'));
  await vi.advanceTimersByTimeAsync(2_000);
  await Promise.all(burst);
  expect(new Set(seen.outcomes)).toEqual(new Set(['admitted']));
  expect(seen.most).toBeLessThanOrEqual(CAP);
});

it('refuses one when its wait is over, and at once where none may wait', async () => {
  for (const queueMs of [0, 20]) {
    const { send, seen } = setUp(queueMs);
    const all = Array.from({ length: 2 * CAP }, () => send('normal'));
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(all);
    expect(seen.outcomes.filter((outcome) => outcome === 'limit_reached')).toHaveLength(CAP);
  }
});

it('goes on with those who wait behind one that the runtime ended with its client', async () => {
  const { send, seen } = setUp(60_000);
  const setTimer = globalThis.setTimeout;
  let ended = 0;
  // The first that waits for room never runs again.
  const timers = vi
    .spyOn(globalThis, 'setTimeout')
    .mockImplementation(((run: () => void, ms: number) =>
      ms === QUEUE_RETRY_MS && ended++ === 0 ? undefined : setTimer(run, ms)) as typeof setTimeout);
  try {
    const all = Array.from({ length: CAP }, () => send('normal'));
    void send('high');
    await vi.advanceTimersByTimeAsync(5);
    all.push(send('normal'), send('normal'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(seen.outcomes).toEqual(Array(CAP + 2).fill('admitted'));
    await Promise.all(all);
  } finally {
    timers.mockRestore();
  }
});

it('refuses at once who does not wait, and before those who do', async () => {
  const { send, seen } = setUp(60_000);
  const all = [...Array.from({ length: CAP + 1 }, () => send('normal')), send('high', true)];
  await vi.advanceTimersByTimeAsync(5);
  expect(seen.outcomes).toEqual([...Array(CAP).fill('admitted'), 'limit_reached']);
  await vi.advanceTimersByTimeAsync(1_000);
  await Promise.all(all);
  expect(seen.outcomes.at(-1)).toBe('admitted');
});

it('goes on asking for a request whose client leaves meanwhile, so that what is held for it is not forgotten', async () => {
  const snapshot = plainTenant();
  const now = () => Date.now();
  const gate = new MemoryGate(snapshot, now);
  const session = new TenantSession({ leaseId: crypto.randomUUID(), gate, now, onNews: () => {}, onFailure: () => {} });
  const { requestId, index } = session.nextRequest();
  const most = { picoUsd: 1_000n, tokens: 2n };
  const pulse = { seenAt: 0 };
  const demand = { snapshot, hold: plainHold(snapshot, requestId), most, index, priority: 'normal', pulse } as const;
  const work: Promise<unknown>[] = [];
  const asked = session.ask(demand, (promise) => work.push(promise));
  expect(work).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(5);
  expect(await work[0]).toBe(await asked);
  expect(pulse.seenAt).toBeGreaterThan(START); // it counts as seen from when it may begin
});
