import { sql } from 'drizzle-orm';
import type { TenantGateRpc } from '../contracts/rpc.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';

/** A request that ended has been told of to TenantGate after this time: settlements take tens of milliseconds. */
const SETTLE_MS = 1_000;
/** Metrics do not wait longer than this for a TenantGate that does not answer. */
const GATE_TIMEOUT_MS = 1_000;

/**
 * Until when the tenant's usage in Postgres is complete: every request that ended up to then (epoch milliseconds) is in
 * what is read after this has answered. Null when no object of the tenant can be asked. Requests whose isolate died are
 * not known of until their lease expires, and are then counted as of their start.
 */
export async function usageAsOf(input: {
  gate(shard: number): Pick<TenantGateRpc, 'freshness'>;
  readonly now: number;
}): Promise<number | null> {
  const { gate, now } = input;
  const timeout = Promise.withResolvers<null>();
  const timer = setTimeout(() => timeout.resolve(null), GATE_TIMEOUT_MS);
  try {
    return await Promise.race([askAll(gate, now), timeout.promise]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function askAll(gate: (shard: number) => Pick<TenantGateRpc, 'freshness'>, now: number): Promise<number> {
  const root = await gate(0).freshness();
  const shards = await Promise.all(Array.from({ length: root.shards - 1 }, (_, shard) => gate(shard + 1).freshness()));
  const unrecorded = [root, ...shards].map(({ unrecordedSince }) => unrecordedSince ?? now);
  return Math.min(now, ...unrecorded) - SETTLE_MS;
}

/** When the tenant's newest sums were last written to (epoch milliseconds); null where there are none. */
export async function lastCounted(input: { readonly db: Database; readonly tenantId: string }): Promise<number | null> {
  const { db, tenantId } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ time: number | null }>(sql`
      select (extract(epoch from max(updated_at)) * 1000)::float8 as time
      from usage_aggregates
      where tenant_id = ${tenantId} and unit = 'requests' and period_start >= (
        select max(period_start) from usage_aggregates where tenant_id = ${tenantId} and unit = 'requests'
      )`),
  ]);
  return rows[0]?.time ?? null;
}
