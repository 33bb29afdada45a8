import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { TenantGateRpc } from '../contracts/rpc.ts';
import type { TenantSnapshot } from '../contracts/tenant-snapshot.ts';
import type { Database } from '../db/client.ts';
import { tenants } from '../db/schema/tenancy.ts';
import { withTenant } from '../db/with-tenant.ts';
import { loadTenantSnapshot } from './load-tenant-snapshot.ts';

/** Tenants in one list. */
const PAGE_SIZE = 100;

/** Before every tenant's id. */
export const FIRST_PAGE = '00000000-0000-0000-0000-000000000000';

/**
 * Tenants whose configuration is newer than what TenantGate was handed: the first hundred behind `after`, by their ids.
 * Sees every tenant only as `eufm_ledger`; as any other role it finds none.
 */
export async function listUnpublishedTenants(input: {
  readonly db: Database;
  readonly after: string;
}): Promise<{ tenantId: string; configVersion: number }[]> {
  const { db, after } = input;
  return db
    .select({ tenantId: tenants.id, configVersion: tenants.configVersion })
    .from(tenants)
    .where(and(gt(tenants.configVersion, tenants.publishedConfigVersion), gt(tenants.id, after)))
    .orderBy(asc(tenants.id))
    .limit(PAGE_SIZE);
}

/** Notes the version that TenantGate has. A version never goes backwards. */
export async function markPublished(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly configVersion: number;
}): Promise<void> {
  const { db, tenantId, configVersion } = input;
  await withTenant(db, tenantId, (db) => [
    db
      .update(tenants)
      .set({ publishedConfigVersion: sql`greatest(${tenants.publishedConfigVersion}, ${configVersion})` })
      .where(eq(tenants.id, tenantId)),
  ]);
}

/**
 * Hands a tenant's configuration, as it is in Postgres, to its TenantGate and notes the version. Answers what was handed
 * over, or null when there is no such tenant. Throws when Postgres or the gate is away: the ledger's sweep tries again.
 */
export async function publishTenant(input: {
  readonly db: Database;
  readonly gate: Pick<TenantGateRpc, 'publish'>;
  readonly tenantId: string;
}): Promise<TenantSnapshot | null> {
  const { db, gate, tenantId } = input;
  const snapshot = await loadTenantSnapshot({ db, tenantId });
  if (!snapshot) return null;
  await gate.publish(snapshot);
  await markPublished({ db, tenantId, configVersion: snapshot.configVersion });
  return snapshot;
}
