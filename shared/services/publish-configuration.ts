import { asc, eq, gt, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { tenants } from '../db/schema/tenancy.ts';
import { withTenant } from '../db/with-tenant.ts';

/** Tenants in one sweep: the rest waits for the next. */
const SWEEP_LIMIT = 100;

/**
 * Tenants whose configuration is newer than what TenantGate was handed. Sees every tenant only as `eufm_ledger`; as any
 * other role it finds none.
 */
export async function listUnpublishedTenants(input: {
  readonly db: Database;
}): Promise<{ tenantId: string; configVersion: number }[]> {
  return input.db
    .select({ tenantId: tenants.id, configVersion: tenants.configVersion })
    .from(tenants)
    .where(gt(tenants.configVersion, tenants.publishedConfigVersion))
    .orderBy(asc(tenants.id))
    .limit(SWEEP_LIMIT);
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
