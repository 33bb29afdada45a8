import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { tenantGate } from '../../durable-objects/stubs.ts';
import { type LedgerEvent, ledgerEvents } from '../../shared/contracts/queues.ts';
import type { HoldCommand, Slice, Statement, SyncCommand } from '../../shared/contracts/rpc.ts';
import { type TenantSnapshot, tenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import { createDatabase } from '../../shared/db/client.ts';
import { toRequestRecorded } from '../../shared/domain/admission/request-event.ts';
import { loadTenantSnapshot } from '../../shared/services/load-tenant-snapshot.ts';
import { mintTenant, type TestTenant, testEnv } from './mint-tenant.ts';

export type Gate = ReturnType<typeof tenantGate>;

/** What one hold of these tests sets aside, and what its request costs in the end: a thousand of them fill the budget. */
export const AMOUNT = 1_000_000_000n;
export const COST = 7_000_000n;

/** A tenant that its TenantGate knows, with a budget of 1 USD, played without a gateway between. */
export interface GateTenant {
  readonly tenant: TestTenant;
  readonly gate: Gate;
  readonly snapshot: TenantSnapshot;
  /** A request that asks to begin. */
  hold(change?: Partial<HoldCommand>): HoldCommand;
  /** One call of a lease. */
  command(change: Pick<SyncCommand, 'leaseId' | 'sequence'> & Partial<SyncCommand>): SyncCommand;
}

export async function mintGateTenant(): Promise<GateTenant> {
  const tenant = await mintTenant({ budgetUsd: '1' });
  const snapshot = await readSnapshot(tenant);
  const gate = tenantGate(testEnv, tenant.tenantId);
  await gate.publish(snapshot);
  const { configVersion: knownConfigVersion } = snapshot;
  return {
    ...{ tenant, gate, snapshot },
    hold: (change) => ({ ...holdOf(tenant, snapshot), ...change }),
    command: (change) => ({
      knownConfigVersion,
      ...{ events: [], settledIds: [], canceledIds: [], statements: [], started: [], topUps: [] },
      ...{ indexThrough: 0, permits: 0, pattern: null, isIdle: false },
      ...change,
    }),
  };
}

export async function readSnapshot({ tenantId }: TestTenant): Promise<TenantSnapshot> {
  const { DATABASE_URL: databaseUrl, NEON_ENDPOINT: neonEndpoint } = testEnv;
  return tenantSnapshot.parse(
    await loadTenantSnapshot({ db: createDatabase({ databaseUrl, neonEndpoint }), tenantId }),
  );
}

/** Asks for a hold that must be granted; answers what it drew. */
export async function drawsOf({ gate, snapshot }: GateTenant, leaseId: string, hold: HoldCommand): Promise<Slice[]> {
  const { decision } = await gate.hold({ leaseId, hold, knownConfigVersion: snapshot.configVersion });
  if (decision.kind !== 'granted') throw new Error(`the hold was not granted: ${decision.kind}`);
  return [...decision.draws];
}

/** The record of a request that cost `COST`, or as said. */
export function recordOf(hold: HoldCommand, costPicoUsd: bigint = COST): string {
  return JSON.stringify(
    toRequestRecorded(hold, {
      ...{ revision: 1, status: 'completed', errorCode: null, usage: { inputTokens: 3, outputTokens: 4 } },
      ...{ costPicoUsd: costPicoUsd.toString(), latencyMs: 9, endedAt: Date.now() },
    }),
  );
}

/** What a session tells when a request ends that drew these slices: its cost is spent, all of it is released. */
export function endOf(draws: readonly Slice[], costPicoUsd: bigint = COST): Statement[] {
  return draws.map(({ limitId, start, amount }) => {
    const spent = limitId.endsWith(':picoUsd') ? costPicoUsd : 1n;
    return { limitId, start, spent, released: amount, held: 0n };
  });
}

/** The budget as the gate tells it. */
export async function budgetOf(gate: Gate) {
  const limit = (await gate.limits()).find(({ kind }) => kind === 'budget');
  if (!limit) throw new Error('the tenant has no budget');
  const { spent, held, leased } = limit;
  return { spent, held, leased };
}

/** What the outbox has, in its order. */
export async function outboxOf(gate: Gate): Promise<LedgerEvent[]> {
  const rows = await runInDurableObject(gate, (_object, { storage }) =>
    storage.sql.exec<{ events: string }>('SELECT events FROM outbox ORDER BY sequence').toArray(),
  );
  return rows.flatMap(({ events }) => ledgerEvents.parse(JSON.parse(events)));
}

export function countOf(gate: Gate, table: 'holds' | 'outbox' | 'leases'): Promise<unknown> {
  return runInDurableObject(
    gate,
    (_object, { storage }) => storage.sql.exec(`SELECT count(*) AS n FROM ${table}`).one().n,
  );
}

/** Lets every lease's time run out, as if its isolate had died, and the alarm come. */
export async function expireLeases(gate: Gate): Promise<void> {
  await runInDurableObject(
    gate,
    (_object, { storage }) =>
      storage.sql.exec("UPDATE leases SET lease = json_set(lease, '$.deadline', 1)").rowsWritten,
  );
  await evictDurableObject(gate);
  await runDurableObjectAlarm(gate);
}

function holdOf({ environmentId, apiKeyId }: TestTenant, { priceVersion }: TenantSnapshot): HoldCommand {
  return {
    ...{ requestId: crypto.randomUUID(), environmentId, apiKeyId, provider: 'openai', model: 'gpt-4o-mini' },
    ...{ taskType: 'chat', amountPicoUsd: AMOUNT.toString(), isPriced: true, priceVersion },
    bound: { inputTokens: 100, outputTokens: 200 },
    startedAt: Date.now(),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    metadata: {},
  };
}
