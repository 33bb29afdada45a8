import { describe, expect, it } from 'vitest';
import type { AccessDenied } from '../../../shared/contracts/queues.ts';
import { DENIALS_GATHER_MS, DENIALS_MOST_PER_TENANT, DENIALS_PAUSE_MS } from '../constants.ts';
import { type Denial, Denials } from './denials.ts';

const [ALICE, BOB] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];

function denial(more: Partial<Denial> = {}): Denial {
  return {
    ...{ tenantId: ALICE, action: 'access.denied', actorUserId: null, actorApiKeyId: BOB, route: 'POST /v1/budgets' },
    ...{ reason: 'permission_denied', requestId: BOB, ip: null, userAgent: null },
    ...more,
  };
}

/** A world whose time passes when it is told to. */
function world(tell: (tenantId: string, events: readonly AccessDenied[]) => Promise<void> = async () => {}) {
  let now = 1_000_000;
  const waits: { at: number; wake: () => void }[] = [];
  const told: (AccessDenied & { tenantId: string })[] = [];
  const lost: number[] = [];
  const work: Promise<void>[] = [];
  const denials = new Denials({
    tell: async (tenantId, events) => {
      await tell(tenantId, events);
      told.push(...events.map((event) => ({ ...event, tenantId })));
    },
    onFailure: (_, count) => lost.push(count),
    now: () => now,
    wait: (ms) => new Promise((wake) => waits.push({ at: now + ms, wake })),
  });
  const note = (more: Partial<Denial> = {}) => denials.note(denial(more), (promise) => work.push(promise));
  const pass = async (ms: number) => {
    now += ms;
    for (const { at, wake } of waits.splice(0)) at <= now ? wake() : waits.push({ at, wake });
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { note, pass, told, lost, work, waits };
}

describe('refusals', () => {
  it('are told of once, half a second later, with their count', async () => {
    const { note, pass, told, waits } = world();
    for (let times = 0; times < 1_000; times++) note();
    expect(waits).toHaveLength(1);
    expect(told).toEqual([]);
    await pass(DENIALS_GATHER_MS);
    expect(told).toMatchObject([{ tenantId: ALICE, count: 1_000, route: 'POST /v1/budgets', firstAt: 1_000_000 }]);
  });

  it('are told of again no sooner than 25 seconds later, and all of them', async () => {
    const { note, pass, told } = world();
    note();
    await pass(DENIALS_GATHER_MS);
    for (let times = 0; times < 7; times++) {
      note();
      await pass(1_000);
    }
    expect(told).toHaveLength(1);
    await pass(DENIALS_PAUSE_MS);
    expect(told.map(({ count }) => count)).toEqual([1, 7]);
    expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(2);
  });

  it.each<[string, Partial<Denial>]>([
    ['tenant', { tenantId: BOB }],
    ['actor', { actorApiKeyId: ALICE }],
    ['route', { route: 'GET /v1/budgets' }],
    ['reason', { reason: 'tenant_suspended' }],
    ['action', { action: 'session.refused' }],
  ])('of another %s are another entry', async (_, more) => {
    const { note, pass, told } = world();
    note();
    note(more);
    await pass(DENIALS_GATHER_MS);
    expect(told.map(({ count }) => count)).toEqual([1, 1]);
  });

  it('of more kinds than a tenant may have wait together, and none is left out; another tenant has its own', async () => {
    const { note, pass, told } = world();
    for (let kind = 0; kind < 500; kind++) note({ route: `GET /${kind}` });
    note({ tenantId: BOB });
    await pass(DENIALS_GATHER_MS);
    const of = (tenantId: string) => told.filter((event) => event.tenantId === tenantId);
    expect(of(ALICE)).toHaveLength(DENIALS_MOST_PER_TENANT + 1);
    expect(of(ALICE).reduce((sum, { count }) => sum + count, 0)).toBe(500);
    expect(of(ALICE).at(-1)).toMatchObject({
      reason: 'more',
      route: '*',
      actorApiKeyId: null,
      count: 500 - DENIALS_MOST_PER_TENANT,
    });
    expect(of(BOB)).toHaveLength(1);
  });

  it('that cannot be told of are tried again under the same id, and then counted as lost', async () => {
    const ids: (string | undefined)[] = [];
    const { note, pass, lost, work } = world(async (_, events) => {
      ids.push(events[0]?.eventId);
      throw new Error('away');
    });
    note();
    note();
    await pass(DENIALS_GATHER_MS);
    await Promise.all(work);
    expect(lost).toEqual([2]);
    expect(ids.length).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(1);
  });
});
