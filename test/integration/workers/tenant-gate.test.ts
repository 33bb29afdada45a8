import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import { OUTBOX_DELAY_MS, RESEND_AFTER_MAX_MS } from '../../../durable-objects/tenant-gate/constants.ts';
import { Outbox } from '../../../durable-objects/tenant-gate/outbox.ts';
import type { HoldCommand, SettleCommand } from '../../../shared/contracts/rpc.ts';
import { tenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { createDatabase } from '../../../shared/db/client.ts';
import { decideExpiry } from '../../../shared/domain/admission/hold.ts';
import { loadTenantSnapshot } from '../../../shared/services/load-tenant-snapshot.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

const AMOUNT = 1_000_000_000n;

/** A tenant that its TenantGate knows, with a cap of a thousand holds. */
async function setUp() {
  const tenant = await mintTenant({ budgetUsd: '1' });
  const { DATABASE_URL: databaseUrl, NEON_ENDPOINT: neonEndpoint } = testEnv;
  const { tenantId } = tenant;
  const snapshot = tenantSnapshot.parse(
    await loadTenantSnapshot({ db: createDatabase({ databaseUrl, neonEndpoint }), tenantId }),
  );
  const gate = tenantGate(testEnv, tenantId);
  await gate.publish(snapshot);
  const hold = (requestId: string = crypto.randomUUID()): HoldCommand => ({
    requestId,
    environmentId: tenant.environmentId,
    apiKeyId: tenant.apiKeyId,
    provider: 'openai',
    model: 'gpt-4o-mini',
    taskType: 'chat',
    amountPicoUsd: AMOUNT.toString(),
    isPriced: true,
    bound: { inputTokens: 100, outputTokens: 200 },
    priceVersion: snapshot.priceVersion,
    startedAt: Date.now(),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    metadata: {},
    knownConfigVersion: snapshot.configVersion,
  });
  return { tenant, snapshot, gate, hold };
}

const settlement = (requestId: string): SettleCommand => ({
  requestId,
  status: 'completed',
  errorCode: null,
  usage: { inputTokens: 3, outputTokens: 4 },
  costPicoUsd: '7000000',
  latencyMs: 9,
  endedAt: Date.now(),
});

type Gate = Awaited<ReturnType<typeof setUp>>['gate'];

const countOf = (gate: Gate, table: 'holds' | 'outbox') =>
  runInDurableObject(gate, (_object, { storage }) => storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one().n);

const counterOf = (gate: Gate) =>
  runInDurableObject(gate, (_object, { storage }) => storage.sql.exec('SELECT spent, held FROM counters').one());

/** Lets every hold's time run out, as if its isolate had died. */
async function expireHolds(gate: Gate): Promise<void> {
  await runInDurableObject(
    gate,
    (_object, { storage }) => storage.sql.exec('UPDATE holds SET deadline = 1').rowsWritten,
  );
  await runDurableObjectAlarm(gate);
}

async function recordedRow({ tenantId }: TestTenant, status: string) {
  const read = () =>
    ownerSql()`select status, revision, cost_usd::float8 as cost, input_token_count as input from requests where tenant_id = ${tenantId}`;
  const rows = await eventually(read, ([row]) => row?.status === status);
  expect(rows).toHaveLength(1);
  return rows[0];
}

const aggregatesOf = ({ tenantId }: TestTenant) =>
  ownerSql()`select unit, value::float8 as value, cost_usd::float8 as cost from usage_aggregates where tenant_id = ${tenantId} order by unit`;

describe('TenantGate', () => {
  it('keeps holds, counters and outbox when it is evicted', async () => {
    const { gate, hold } = await setUp();
    const [open, settled] = [hold(), hold()];
    await gate.hold(open);
    await gate.hold(settled);
    await gate.settle([settlement(settled.requestId)]);
    await evictDurableObject(gate);
    expect(await countOf(gate, 'holds')).toBe(1);
    expect(await counterOf(gate)).toEqual({ spent: '7000000', held: AMOUNT.toString() });
    await gate.settle([settlement(open.requestId)]);
    expect(await counterOf(gate)).toEqual({ spent: '14000000', held: '0' });
  });

  it('answers a repeated hold as the first time, and holds once', async () => {
    const { gate, hold } = await setUp();
    const command = hold();
    expect(await gate.hold(command)).toEqual(await gate.hold(command));
    expect(await counterOf(gate)).toEqual({ spent: '0', held: AMOUNT.toString() });
  });

  it('settles once, however often it is told', async () => {
    const { tenant, gate, hold } = await setUp();
    const command = hold();
    await gate.hold(command);
    await gate.settle([settlement(command.requestId), settlement(command.requestId)]);
    await gate.settle([settlement(command.requestId)]);
    expect(await counterOf(gate)).toEqual({ spent: '7000000', held: '0' });
    expect(await recordedRow(tenant, 'completed')).toMatchObject({ revision: 1, cost: 0.000007 });
  });

  it('counts a hold that nobody settled as spent, records it as estimated, and corrects both when it is settled late', async () => {
    const { tenant, gate, hold } = await setUp();
    const command = hold();
    await gate.hold(command);
    await expireHolds(gate);
    expect(await counterOf(gate)).toEqual({ spent: AMOUNT.toString(), held: '0' });
    expect(await recordedRow(tenant, 'estimated')).toMatchObject({ cost: 0.001, input: '100' });
    await gate.settle([settlement(command.requestId)]);
    expect(await counterOf(gate)).toEqual({ spent: '7000000', held: '0' });
    expect(await recordedRow(tenant, 'completed')).toMatchObject({ revision: 2, cost: 0.000007, input: '3' });
    expect(await aggregatesOf(tenant)).toEqual([
      { unit: 'cost_usd', value: 0.000007, cost: 0.000007 },
      { unit: 'requests', value: 1, cost: 0.000007 },
      { unit: 'tokens', value: 7, cost: 0.000007 },
    ]);
  });

  it('does not expire a hold that its isolate renews', async () => {
    const { gate, hold } = await setUp();
    const command = hold();
    await gate.hold(command);
    await runInDurableObject(
      gate,
      (_object, { storage }) => storage.sql.exec('UPDATE holds SET deadline = 1').rowsWritten,
    );
    await gate.renew([command.requestId]);
    await runDurableObjectAlarm(gate);
    expect(await counterOf(gate)).toEqual({ spent: '0', held: AMOUNT.toString() });
  });

  it('keeps an outbox row until the ledger has it', async () => {
    const { tenant, gate, hold } = await setUp();
    const command = hold();
    await gate.hold(command);
    await gate.settle([settlement(command.requestId)]);
    expect(await countOf(gate, 'outbox')).toBe(1);
    await recordedRow(tenant, 'completed');
    expect(
      await eventually(
        () => countOf(gate, 'outbox'),
        (count) => count === 0,
      ),
    ).toBe(0);
  });

  it('sends a row again, ever more seldom, until it is confirmed', async () => {
    const { gate, tenant, hold } = await setUp();
    const { event } = decideExpiry({ command: hold(), state: 'open', deadline: 0, counters: [] }, 1);
    await runInDurableObject(gate, (_object, { storage }) => {
      const outbox = new Outbox(storage.sql);
      outbox.append(event, 'trace', 0);
      const tracesAt = (now: number) => outbox.takeDue(tenant.tenantId, now).map(({ traceparent }) => traceparent);
      const sequencesAt = (now: number) =>
        outbox.takeDue(tenant.tenantId, now).flatMap(({ events }) => events.map(({ sequence }) => sequence));
      expect(sequencesAt(OUTBOX_DELAY_MS - 1)).toEqual([]);
      const sent = sequencesAt(OUTBOX_DELAY_MS);
      expect(sent).toHaveLength(1);
      const pauses = [1, 2, 3, 4].map(() => {
        const due = outbox.nextDue() ?? 0;
        expect(sequencesAt(due - 1)).toEqual([]);
        expect(sequencesAt(due)).toEqual(sent);
        return (outbox.nextDue() ?? 0) - due;
      });
      expect(pauses).toEqual([10_000, RESEND_AFTER_MAX_MS, RESEND_AFTER_MAX_MS, RESEND_AFTER_MAX_MS]);
      expect(tracesAt(outbox.nextDue() ?? 0)).toEqual(['trace']);
      outbox.confirm(sent);
      expect(outbox.nextDue()).toBeNull();
    });
  });

  it('packs rows within the limits of a queue, however large they are, and leaves the rest for the next drain', async () => {
    const { gate, tenant, hold } = await setUp();
    const metadata = { note: '€'.repeat(4_000) };
    const { event } = decideExpiry({ command: { ...hold(), metadata }, state: 'open', deadline: 0, counters: [] }, 1);
    await runInDurableObject(gate, (_object, { storage }) => {
      const outbox = new Outbox(storage.sql);
      for (let row = 0; row < 40; row++) outbox.append(event, 'trace', 0);
      const sizeOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
      const sequences: number[] = [];
      for (let drain = 0; drain < 5; drain++) {
        const batches = outbox.takeDue(tenant.tenantId, OUTBOX_DELAY_MS);
        expect(batches.every((batch) => sizeOf(batch) < 128_000)).toBe(true);
        expect(sizeOf(batches)).toBeLessThan(256_000);
        sequences.push(...batches.flatMap(({ events }) => events.map(({ sequence }) => sequence)));
      }
      expect(sequences).toEqual(Array.from({ length: 40 }, (_, row) => row + 1));
    });
  });

  it('never takes an older configuration for a newer one', async () => {
    const { gate, snapshot } = await setUp();
    expect(await gate.publish({ ...snapshot, configVersion: 9 })).toBe(9);
    expect(await gate.publish({ ...snapshot, configVersion: 8, status: 'suspended' })).toBe(9);
    expect(await gate.snapshot(8)).toMatchObject({ state: 'newer', snapshot: { configVersion: 9, status: 'active' } });
    expect(await gate.snapshot(9)).toEqual({ state: 'unchanged' });
  });

  it('tells a caller with an old configuration the new one beside its hold', async () => {
    const { gate, snapshot, hold } = await setUp();
    await gate.publish({ ...snapshot, configVersion: 9 });
    expect(await gate.hold(hold())).toMatchObject({ result: { ok: true }, snapshot: { configVersion: 9 } });
  });

  it('stores nothing for a tenant that was never published', async () => {
    const gate = tenantGate(testEnv, crypto.randomUUID());
    expect(await gate.snapshot(-1)).toEqual({ state: 'unknown' });
    const { hold } = await setUp();
    expect(await gate.hold(hold())).toMatchObject({ result: { ok: false, error: { reason: 'tenant_unknown' } } });
    await gate.settle([settlement(crypto.randomUUID())]);
    const tables = await runInDurableObject(gate, (_object, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});
