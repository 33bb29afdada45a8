import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { MemoryGate, plainHold, plainTenant } from '../../../test/harness/memory-gate.ts';
import { LEASE_FRESH_MS } from '../constants.ts';
import type { Admitted } from './demand.ts';
import { TenantSession } from './tenant-session.ts';

/** What the platform promises of a revoked key. */
const PROMISED_MS = 5_000;

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
afterEach(() => void vi.useRealTimers());

/** An isolate that serves a tenant from its lease: the last of its requests have asked nobody. */
async function warm() {
  const now = () => Date.now();
  const tenant = plainTenant([{ maxRequests: 1_000_000 }]);
  const gate = new MemoryGate(tenant, now);
  let known = tenant;
  const session = new TenantSession({
    ...{ leaseId: crypto.randomUUID(), gate, now },
    onNews: ({ snapshot }) => {
      known = snapshot ?? known;
    },
    onFailure: () => {},
  });
  const work: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>) => void work.push(promise);
  const demandOf = (snapshot: TenantSnapshot) => {
    const { requestId, index } = session.nextRequest();
    const hold = plainHold(tenant, requestId);
    return {
      snapshot,
      hold,
      most: { picoUsd: 1_000n, tokens: 2n },
      index,
      priority: 'normal' as const,
      pulse: { seenAt: 0 },
    };
  };
  /** Sends a request by what the isolate knows: how it was admitted, or why not. It ends at once. */
  const send = async (): Promise<string> => {
    if (known.apiKeys.length === 0) return 'key_revoked'; // as identity finds before anything is asked for
    const demand = demandOf(known);
    const local = session.admitLocally(demand);
    if (local) session.tellSoon(waitUntil);
    const admitted = local ?? (await answerOf(session.ask(demand, waitUntil)));
    await vi.advanceTimersByTimeAsync(5);
    if (typeof admitted === 'string') return admitted;
    session.settle(admitted, { picoUsd: 10n, tokens: 2n, isCounted: true }, '{}', waitUntil);
    return local ? 'from the lease' : 'asked';
  };
  const answerOf = async (asking: ReturnType<TenantSession['ask']>): Promise<Admitted | string> => {
    let answer: Awaited<typeof asking> | undefined;
    const asked = asking.then((result) => {
      answer = result;
    });
    while (!answer) await vi.advanceTimersByTimeAsync(1);
    await asked;
    return answer.ok ? answer.value : answer.error.reason;
  };
  for (let request = 0; request < 100; request++) await send();
  expect(await send()).toBe('from the lease');
  return { gate, tenant, send, session };
}

const withoutKeys = (tenant: TenantSnapshot): TenantSnapshot => ({
  ...{ ...tenant, apiKeys: [], configVersion: tenant.configVersion + 1 },
});

it('A8: a busy isolate admits nothing more by a revoked key from its next word with TenantGate on', async () => {
  const { gate, tenant, send } = await warm();
  gate.snapshot = withoutKeys(tenant);
  const revokedAt = Date.now();
  const outcomes: string[] = [];
  while (outcomes.at(-1) !== 'key_revoked' && Date.now() - revokedAt < PROMISED_MS) outcomes.push(await send());
  expect(outcomes.at(-1)).toBe('key_revoked');
  expect(Date.now() - revokedAt).toBeLessThanOrEqual(LEASE_FRESH_MS);
  for (let request = 0; request < 20; request++) expect(await send()).toBe('key_revoked');
});

it('A8: an isolate that TenantGate cannot reach admits by its lease for its freshness, and then nothing', async () => {
  const { gate, tenant, send } = await warm();
  gate.snapshot = withoutKeys(tenant);
  gate.isAway = true;
  const cutAt = Date.now();
  const lastAdmittedAt: number[] = [];
  while (Date.now() - cutAt < PROMISED_MS) if ((await send()) === 'from the lease') lastAdmittedAt.push(Date.now());
  expect(lastAdmittedAt.length).toBeGreaterThan(0);
  expect((lastAdmittedAt.at(-1) ?? 0) - cutAt).toBeLessThanOrEqual(LEASE_FRESH_MS + 10);
  expect(await send()).toBe('unavailable');
  gate.isAway = false;
  for (let request = 0; request < 20; request++) expect(await send()).toMatch(/^(key_revoked|stale)$/);
  expect(await send()).toBe('key_revoked');
});

it('A8 control: a key that is not revoked is admitted all the time', async () => {
  const { gate, tenant, send } = await warm();
  gate.snapshot = { ...tenant, configVersion: tenant.configVersion + 1 };
  const until = Date.now() + PROMISED_MS;
  while (Date.now() < until) expect(await send()).toMatch(/^(from the lease|asked|stale)$/);
});
