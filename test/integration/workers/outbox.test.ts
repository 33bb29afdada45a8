import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../../durable-objects/runtime/migrate.ts';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import { OUTBOX_DELAY_MS, RESEND_AFTER_MAX_MS } from '../../../durable-objects/tenant-gate/constants.ts';
import { Outbox } from '../../../durable-objects/tenant-gate/outbox.ts';
import { TENANT_GATE_MIGRATIONS } from '../../../migrations/durable-objects/tenant-gate.ts';
import type { LedgerBatch } from '../../../shared/contracts/queues.ts';
import { eventually } from '../../harness/eventually.ts';
import {
  AMOUNT,
  budgetOf,
  COST,
  countOf,
  drawsOf,
  type Gate,
  mintGateTenant,
  outboxOf,
  readSnapshot,
  recordOf,
} from '../../harness/gate-tenant.ts';
import { mintTenant, ownerSql, testEnv } from '../../harness/mint-tenant.ts';

const sequencesIn = (batches: LedgerBatch[]) => batches.flatMap(({ rows }) => rows.map(({ sequence }) => sequence));

const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

describe('an outbox', () => {
  it('sends a row again, ever more seldom, until it is confirmed', async () => {
    const { gate, tenant, hold } = await mintGateTenant();
    const from = { tenantId: tenant.tenantId, shard: 3 };
    const events = [recordOf(hold()), recordOf(hold())];
    await runInDurableObject(gate, (_object, { storage }) => {
      const outbox = new Outbox(storage.sql);
      outbox.append(events, 0);
      expect(outbox.takeDue(from, OUTBOX_DELAY_MS - 1)).toEqual([]);
      const [[batch] = []] = outbox.takeDue(from, OUTBOX_DELAY_MS);
      const rows = [{ sequence: 1, events: `[${events.join(',')}]` }];
      expect(batch).toEqual({ type: 'ledger.batch', v: 2, ...from, rows });
      const pauses = [1, 2, 3, 4].map(() => {
        const due = outbox.nextDue() ?? 0;
        expect(outbox.takeDue(from, due - 1)).toEqual([]);
        expect(outbox.takeDue(from, due)).toEqual([[batch]]);
        return (outbox.nextDue() ?? 0) - due;
      });
      expect(pauses).toEqual([10_000, RESEND_AFTER_MAX_MS, RESEND_AFTER_MAX_MS, RESEND_AFTER_MAX_MS]);
      outbox.confirm([1]);
      expect(outbox.nextDue()).toBeNull();
    });
  });

  it('sends with the first row that is due what came after it, and nothing twice', async () => {
    const { gate, tenant, hold } = await mintGateTenant();
    const from = { tenantId: tenant.tenantId, shard: 0 };
    await runInDurableObject(gate, (_object, { storage }) => {
      const outbox = new Outbox(storage.sql);
      for (const at of [0, 75, 150, OUTBOX_DELAY_MS]) outbox.append([recordOf(hold())], at);
      expect(sequencesIn(outbox.takeDue(from, OUTBOX_DELAY_MS).flat())).toEqual([1, 2, 3, 4]);
      outbox.append([recordOf(hold())], OUTBOX_DELAY_MS + 1);
      expect(sequencesIn(outbox.takeDue(from, 2 * OUTBOX_DELAY_MS + 1).flat())).toEqual([5]);
    });
  });

  it.each([
    ['one by one', 1],
    ['hundreds in one command', 200],
  ])(
    'packs events within the limits of a queue, %s, and leaves the rest for the next drain',
    async (_name, together) => {
      const { gate, tenant, hold } = await mintGateTenant();
      const from = { tenantId: tenant.tenantId, shard: 0 };
      const event = recordOf(hold({ metadata: { note: 'x'.repeat(together === 1 ? 12_000 : 500) } }));
      await runInDurableObject(gate, (_object, { storage }) => {
        const outbox = new Outbox(storage.sql);
        for (let command = 0; command < 40 / Math.sqrt(together); command++) {
          outbox.append(Array<string>(together).fill(event), 0);
        }
        const taken: LedgerBatch[] = [];
        for (let drain = 0; drain < 20 && (outbox.nextDue() ?? OUTBOX_DELAY_MS + 1) <= OUTBOX_DELAY_MS; drain++) {
          const sendings = outbox.takeDue(from, OUTBOX_DELAY_MS);
          expect(sendings.flat().every((batch) => bytesOf(batch) < 128_000)).toBe(true);
          expect(sendings.every((sending) => bytesOf(sending) < 256_000)).toBe(true);
          taken.push(...sendings.flat());
        }
        const sequences = sequencesIn(taken);
        expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, row) => row + 1));
        const count = taken.flatMap(({ rows }) => rows.flatMap(({ events }) => JSON.parse(events))).length;
        expect(count).toBe(together * Math.ceil(40 / Math.sqrt(together)));
      });
    },
  );
});

/** Brings an object to how the first schema version left it: a hold that ran, spending, and two events on their way. */
async function leaveAtVersion1(gate: Gate, snapshot: object, budgetId: string, events: readonly string[]) {
  await runInDurableObject(gate, async (_object, { storage }) => {
    await storage.deleteAll(); // the tenant's key is of a later version
    migrate(storage, TENANT_GATE_MIGRATIONS.slice(0, 1));
    const { sql } = storage;
    sql.exec('INSERT INTO configuration VALUES (1, 1, ?)', JSON.stringify(snapshot));
    sql.exec('INSERT INTO counters VALUES (?, 0, ?, ?)', budgetId, '9007199254740993', AMOUNT.toString());
    sql.exec("INSERT INTO holds VALUES ('r', 'open', 1, '{}', '[]')");
    for (const event of ['confirmed long ago', ...events]) {
      sql.exec('INSERT INTO outbox (event, traceparent, due_at) VALUES (?, ?, ?)', event, 'trace', Date.now() + 60_000);
    }
    sql.exec('DELETE FROM outbox WHERE sequence = 1');
  });
  await evictDurableObject(gate);
}

describe('an object of the first schema version', () => {
  it('keeps its configuration, what was spent, and its outbox under the numbers that the ledger knows', async () => {
    const tenant = await mintTenant({ budgetUsd: '100000' });
    const gate = tenantGate(testEnv, tenant.tenantId);
    const { rateLimits: _, quota: __, timeZone: ___, ...snapshot } = await readSnapshot(tenant);
    const budgets = snapshot.budgets.map(({ thresholds: ____, ...budget }) => budget);
    const hold = { ...(await mintGateTenant()).hold(), environmentId: tenant.environmentId, apiKeyId: tenant.apiKeyId };
    const holds = [hold, { ...hold, requestId: crypto.randomUUID() }];
    const events = holds.map((each) => recordOf(each));
    await leaveAtVersion1(gate, { ...snapshot, budgets }, budgets[0]?.id ?? '', events);

    expect(await budgetOf(gate)).toEqual({ spent: 9_007_199_254_740_993n, held: 0n, leased: 0n });
    expect(await outboxOf(gate)).toEqual(events.map((event) => JSON.parse(event)));
    const readSequences = () =>
      runInDurableObject(gate, (_object, { storage }) =>
        storage.sql.exec('SELECT sequence FROM outbox ORDER BY sequence').toArray(),
      );
    expect(await readSequences()).toEqual([{ sequence: 2 }, { sequence: 3 }]);
    expect(await gate.snapshot(0)).toMatchObject({ state: 'newer', snapshot: { timeZone: 'UTC', rateLimits: [] } });

    await runInDurableObject(
      gate,
      (_object, { storage }) => storage.sql.exec('UPDATE outbox SET due_at = 1').rowsWritten,
    );
    await evictDurableObject(gate);
    await gate.limits();
    const left = await eventually(
      () => countOf(gate, 'outbox'),
      (count) => count === 0,
    );
    expect(left).toBe(0);
    const rows =
      await ownerSql()`select id, cost_usd::float8 as cost from requests where tenant_id = ${tenant.tenantId}`;
    expect(rows.map(({ id }) => id).toSorted()).toEqual(holds.map(({ requestId }) => requestId).toSorted());
    expect(rows.map(({ cost }) => Math.round(cost * 1e12))).toEqual([Number(COST), Number(COST)]);

    const to = { ...(await mintGateTenant()), gate, tenant, snapshot: await readSnapshot(tenant) };
    await drawsOf(to, crypto.randomUUID(), { ...hold, requestId: crypto.randomUUID() });
    expect(await budgetOf(gate)).toMatchObject({ held: AMOUNT });
  });
});
