import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { tenants } from '../db/schema/tenancy.ts';
import { withTenant } from '../db/with-tenant.ts';

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
