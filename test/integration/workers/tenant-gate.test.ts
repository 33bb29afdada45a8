import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { HoldCommand } from '../../../shared/contracts/rpc.ts';
import { requestIdOf } from '../../../shared/domain/admission/request-ids.ts';
import { eventually } from '../../harness/eventually.ts';
import {
  AMOUNT,
  budgetOf,
  COST,
  countOf,
  drawsOf,
  endOf,
  expireLeases,
  type GateTenant,
  mintGateTenant,
  outboxOf,
  recordOf,
} from '../../harness/gate-tenant.ts';
import { ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

const newLeaseId = () => crypto.randomUUID();

/** Tells of the end of a request that has a hold, in a lease's first call. */
async function settle(to: GateTenant, leaseId: string, hold: HoldCommand, draws: Parameters<typeof endOf>[0]) {
  const ended = { events: [recordOf(hold)], settledIds: [hold.requestId], statements: endOf(draws) };
  return await to.gate.sync(to.command({ leaseId, sequence: 1, ...ended, isIdle: true }));
}

async function recordedRow({ tenantId }: TestTenant, status: string) {
  const read = () =>
    ownerSql()`select status, revision, cost_usd::float8 as cost, input_token_count as input from requests where tenant_id = ${tenantId}`;
  const rows = await eventually(read, ([row]) => row?.status === status);
  expect(rows).toHaveLength(1);
  return rows[0];
}

const aggregatesOf = ({ tenantId }: TestTenant) =>
  ownerSql()`select unit, value::float8 as value, cost_usd::float8 as cost from usage_aggregates where tenant_id = ${tenantId} and period_end - period_start = '1 hour' order by unit`;

/** What ends an object: with notice, or as a crash does. */
const ENDS: [string, (to: GateTenant) => Promise<void>][] = [
  ['evicted', ({ gate }) => evictDurableObject(gate)],
  ['aborted', () => abortAllDurableObjects()],
];

describe.each(ENDS)('a TenantGate that is %s', (_name, end) => {
  it('keeps holds, counters and outbox', async () => {
    const to = await mintGateTenant();
    const { gate, tenant } = to;
    const leaseId = newLeaseId();
    const [open, settled] = [to.hold(), to.hold()];
    await drawsOf(to, leaseId, open);
    const draws = await drawsOf(to, leaseId, settled);
    const ended = endOf(draws).map((statement) => ({ ...statement, held: AMOUNT }));
    const command = { leaseId, sequence: 1, events: [recordOf(settled)], settledIds: [settled.requestId] };
    await gate.sync(to.command({ ...command, statements: ended }));
    await end(to);
    const after = tenantGate(testEnv, tenant.tenantId);
    expect(await countOf(after, 'holds')).toBe(1);
    expect(await budgetOf(after)).toEqual({ spent: COST, held: AMOUNT, leased: 0n });
    const last = { events: [recordOf(open)], settledIds: [open.requestId], statements: endOf(draws) };
    await after.sync(to.command({ leaseId, sequence: 2, ...last, isIdle: true }));
    expect(await budgetOf(after)).toEqual({ spent: 2n * COST, held: 0n, leased: 0n });
    expect(await countOf(after, 'holds')).toBe(0);
    await eventually(
      () => ownerSql()`select 1 from requests where tenant_id = ${tenant.tenantId}`,
      (rows) => rows.length === 2,
    );
  });

  it('answers a call that it had taken in as the first time, and takes it in once', async () => {
    const to = await mintGateTenant();
    const leaseId = newLeaseId();
    const hold = to.hold();
    const draws = await drawsOf(to, leaseId, hold);
    const limitId = `${to.snapshot.budgets[0]?.id}:picoUsd`;
    const command = to.command({
      ...{ leaseId, sequence: 1, events: [recordOf(hold)], settledIds: [hold.requestId], statements: endOf(draws) },
      ...{ topUps: [{ limitId, start: 0, amount: 10n * AMOUNT, least: AMOUNT }], permits: 8, pattern: hold },
    });
    const first = await to.gate.sync(command);
    expect(first).toMatchObject({ state: 'open', grants: [{ limitId, amount: 10n * AMOUNT }], indexLimit: 8 });
    await end(to);
    const gate = tenantGate(testEnv, to.tenant.tenantId);
    expect(await gate.sync(command)).toEqual(first);
    expect(await gate.sync(command)).toEqual(first);
    expect(await budgetOf(gate)).toEqual({ spent: COST, held: 0n, leased: 10n * AMOUNT });
    expect(await recordedRow(to.tenant, 'completed')).toMatchObject({ revision: 1, cost: 0.000007 });
  });

  it('answers a repeated hold as the first time, and holds once', async () => {
    const to = await mintGateTenant();
    const request = { leaseId: newLeaseId(), hold: to.hold(), knownConfigVersion: to.snapshot.configVersion };
    const first = await to.gate.hold(request);
    expect(first).toMatchObject({ decision: { kind: 'granted' } });
    await end(to);
    const gate = tenantGate(testEnv, to.tenant.tenantId);
    expect(await gate.hold(request)).toEqual(first);
    expect(await budgetOf(gate)).toEqual({ spent: 0n, held: AMOUNT, leased: 0n });
  });
});

describe('a lease whose isolate died', () => {
  it('counts its hold as spent, recorded as estimated, and corrects both when it is settled late', async () => {
    const to = await mintGateTenant();
    const { tenant, gate } = to;
    const leaseId = newLeaseId();
    const hold = to.hold();
    const draws = await drawsOf(to, leaseId, hold);
    await expireLeases(gate);
    expect(await budgetOf(gate)).toEqual({ spent: AMOUNT, held: 0n, leased: 0n });
    expect(await recordedRow(tenant, 'estimated')).toMatchObject({ revision: 1, cost: 0.001, input: '100' });
    expect(await settle(to, leaseId, hold, draws)).toMatchObject({ state: 'expired', grants: [], indexLimit: 0 });
    expect(await budgetOf(gate)).toEqual({ spent: COST, held: 0n, leased: 0n });
    expect(await countOf(gate, 'holds')).toBe(0);
    expect(await recordedRow(tenant, 'completed')).toMatchObject({ revision: 2, cost: 0.000007, input: '3' });
    expect(await aggregatesOf(tenant)).toEqual([
      { unit: 'cost_usd', value: 0.000007, cost: 0.000007 },
      { unit: 'requests', value: 1, cost: 0.000007 },
      { unit: 'tokens', value: 7, cost: 0.000007 },
    ]);
  });

  it('records each request that it may have begun without a word, and voids them when it comes back idle', async () => {
    const to = await mintGateTenant();
    const { gate, tenant } = to;
    const leaseId = newLeaseId();
    const pattern = to.hold({ requestId: requestIdOf(leaseId, 0) });
    const topUps = [`${to.snapshot.budgets[0]?.id}:picoUsd`, 'tenant:picoUsd'].map((limitId) => ({
      ...{ limitId, start: 0, amount: 4n * AMOUNT, least: AMOUNT },
    }));
    await gate.sync(to.command({ leaseId, sequence: 1, topUps, permits: 3, pattern }));
    expect(await budgetOf(gate)).toEqual({ spent: 0n, held: 0n, leased: 4n * AMOUNT });
    await expireLeases(gate);
    expect(await budgetOf(gate)).toEqual({ spent: 4n * AMOUNT, held: 0n, leased: 0n });
    const read = () =>
      ownerSql()`select id, status, cost_usd::text as cost from requests where tenant_id = ${tenant.tenantId} order by id`;
    const lost = await eventually(read, (rows) => rows.length === 3);
    expect(lost.map(({ id, status }) => ({ id, status }))).toEqual(
      [0, 1, 2].map((index) => ({ id: requestIdOf(leaseId, index), status: 'estimated' })),
    );
    expect(lost.reduce((sum, { cost }) => sum + Math.round(Number(cost) * 1e12), 0)).toBe(Number(4n * AMOUNT));
    const statements = topUps.map(({ limitId, start, amount }) => ({
      ...{ limitId, start, spent: 0n, released: amount, held: 0n },
    }));
    await gate.sync(to.command({ leaseId, sequence: 2, statements, isIdle: true, isOver: true }));
    expect(await budgetOf(gate)).toEqual({ spent: 0n, held: 0n, leased: 0n });
    const voided = await eventually(read, (rows) => rows.every(({ status }) => status === 'canceled'));
    expect(voided.map(({ status, cost }) => [status, Number(cost)])).toEqual(Array(3).fill(['canceled', 0]));
  });

  it('may begin nothing more: a hold in its name is to be decided again under another', async () => {
    const to = await mintGateTenant();
    const leaseId = newLeaseId();
    await drawsOf(to, leaseId, to.hold());
    await expireLeases(to.gate);
    const { configVersion: knownConfigVersion } = to.snapshot;
    const reply = await to.gate.hold({ leaseId, hold: to.hold(), knownConfigVersion });
    expect(reply.decision).toEqual({ kind: 'stale' });
  });

  it('control: one that its isolate renews keeps its hold', async () => {
    const to = await mintGateTenant();
    const leaseId = newLeaseId();
    await drawsOf(to, leaseId, to.hold());
    await to.gate.sync(to.command({ leaseId, sequence: 1 }));
    await runDurableObjectAlarm(to.gate);
    expect(await budgetOf(to.gate)).toEqual({ spent: 0n, held: AMOUNT, leased: 0n });
  });
});

describe('TenantGate', () => {
  it('gives a hold back whose answer was lost', async () => {
    const to = await mintGateTenant();
    const leaseId = newLeaseId();
    const hold = to.hold();
    await drawsOf(to, leaseId, hold);
    const canceledIds = [hold.requestId, crypto.randomUUID()];
    await to.gate.sync(to.command({ leaseId, sequence: 1, canceledIds, isIdle: true }));
    expect(await budgetOf(to.gate)).toEqual({ spent: 0n, held: 0n, leased: 0n });
    expect([await countOf(to.gate, 'holds'), await countOf(to.gate, 'outbox')]).toEqual([0, 0]);
  });

  it('keeps an outbox row until the ledger has it', async () => {
    const to = await mintGateTenant();
    const leaseId = newLeaseId();
    const hold = to.hold();
    await settle(to, leaseId, hold, await drawsOf(to, leaseId, hold));
    expect(await outboxOf(to.gate)).toMatchObject([{ type: 'request.recorded', requestId: hold.requestId }]);
    await recordedRow(to.tenant, 'completed');
    const left = await eventually(
      () => countOf(to.gate, 'outbox'),
      (count) => count === 0,
    );
    expect(left).toBe(0);
  });

  it('tells the ledger of each threshold of a budget once, in the transaction that reaches it', async () => {
    const to = await mintGateTenant();
    const { gate, tenant } = to;
    const leaseId = newLeaseId();
    const spend = async (sequence: number, amount: bigint) => {
      const hold = to.hold({ amountPicoUsd: amount.toString() });
      const statements = endOf(await drawsOf(to, leaseId, hold), amount);
      const ended = { events: [recordOf(hold, amount)], settledIds: [hold.requestId], statements };
      await gate.sync(to.command({ leaseId, sequence, ...ended }));
    };
    const read = () =>
      ownerSql()`select threshold, spent_usd::float8 as spent from budget_threshold_events where tenant_id = ${tenant.tenantId} order by threshold`;
    const cent = 10_000_000_000n;
    await spend(1, 49n * cent);
    await spend(2, 32n * cent);
    const reached = (await outboxOf(gate)).filter(({ type }) => type === 'budget.threshold_reached');
    expect(reached).toMatchObject([
      { threshold: 50, capPicoUsd: '1000000000000', spentPicoUsd: '810000000000' },
      { threshold: 80, capPicoUsd: '1000000000000', spentPicoUsd: '810000000000' },
    ]);
    await spend(3, 1n * cent);
    await evictDurableObject(gate);
    await spend(4, 18n * cent);
    const rows = await eventually(read, ({ length }) => length === 4);
    expect(rows.map(({ threshold, spent }) => [threshold, spent])).toEqual([
      [50, 0.81],
      [80, 0.81],
      [95, 1],
      [100, 1],
    ]);
  });

  it('never takes an older configuration for a newer one', async () => {
    const { gate, snapshot } = await mintGateTenant();
    expect(await gate.publish({ ...snapshot, configVersion: 9 })).toBe(9);
    expect(await gate.publish({ ...snapshot, configVersion: 8, status: 'suspended' })).toBe(9);
    expect(await gate.snapshot(8)).toMatchObject({ state: 'newer', snapshot: { configVersion: 9, status: 'active' } });
    expect(await gate.snapshot(9)).toEqual({ state: 'unchanged' });
  });

  it('decides nothing by an old configuration, and tells the new one', async () => {
    const to = await mintGateTenant();
    const { gate, snapshot } = to;
    await gate.publish({ ...snapshot, configVersion: 9 });
    const request = { leaseId: newLeaseId(), hold: to.hold(), knownConfigVersion: snapshot.configVersion };
    const news = { configVersion: 9, snapshot: { configVersion: 9 } };
    expect(await gate.hold(request)).toMatchObject({ decision: { kind: 'stale' }, ...news });
    expect(await gate.sync(to.command({ leaseId: request.leaseId, sequence: 1 }))).toMatchObject({
      grants: [],
      ...news,
    });
    expect(await budgetOf(gate)).toEqual({ spent: 0n, held: 0n, leased: 0n });
    expect(await gate.hold({ ...request, knownConfigVersion: 9 })).toMatchObject({ decision: { kind: 'granted' } });
  });

  it('stores nothing for a tenant that was never published', async () => {
    const gate = tenantGate(testEnv, crypto.randomUUID());
    const to = await mintGateTenant();
    const leaseId = newLeaseId();
    expect(await gate.snapshot(-1)).toEqual({ state: 'unknown' });
    expect(await gate.limits()).toEqual([]);
    expect(await gate.hold({ leaseId, hold: to.hold(), knownConfigVersion: 1 })).toMatchObject({
      decision: { kind: 'unknown_tenant' },
    });
    const told = { events: [recordOf(to.hold())], permits: 5, pattern: to.hold() };
    expect(await gate.sync(to.command({ leaseId, sequence: 1, ...told }))).toMatchObject({
      ...{ state: 'unknown_tenant', grants: [], indexLimit: 0 },
    });
    await gate.confirm([1]);
    const tables = await runInDurableObject(gate, (_object, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});
