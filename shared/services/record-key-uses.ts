import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withEachTenant } from '../db/with-tenant.ts';

/** Tenants in one transaction. */
const TENANTS_AT_ONCE = 100;

/** A key's time is written when it is later than the stored one by this much: many isolates need not all write it. */
const COARSENESS_SECONDS = 20;

/** When a key was last used: epoch milliseconds. */
export interface UsedKey {
  readonly tenantId: string;
  readonly apiKeyId: string;
  readonly usedAt: number;
}

/**
 * Notes when keys were last used: one statement for all keys of a tenant, one transaction for up to a hundred tenants. A
 * time never goes back, and what is stored is at most twenty seconds before what was told. Rows are locked in the order of
 * their ids, so that writers wait for each other and never in a circle.
 */
export async function recordKeyUses(db: Database, uses: readonly UsedKey[]): Promise<void> {
  const byTenant = [...Map.groupBy(uses, ({ tenantId }) => tenantId)].sort(([one], [other]) => (one < other ? -1 : 1));
  for (let first = 0; first < byTenant.length; first += TENANTS_AT_ONCE) {
    await withEachTenant(db, byTenant.slice(first, first + TENANTS_AT_ONCE), (db, tenantId, uses) => {
      const rows = toJsonb(uses.map(({ apiKeyId, usedAt }) => ({ id: apiKeyId, at: new Date(usedAt).toISOString() })));
      return db.execute(sql`
        with used as (
          select api_keys.id, at from api_keys
          join jsonb_to_recordset(${rows}::jsonb) as use (id uuid, at timestamptz) on use.id = api_keys.id
          where tenant_id = ${tenantId}
            and (last_used_at is null or last_used_at < at - make_interval(secs => ${COARSENESS_SECONDS}))
          order by api_keys.id for no key update of api_keys
        )
        update api_keys set last_used_at = greatest(last_used_at, used.at) from used
        where tenant_id = ${tenantId} and api_keys.id = used.id`);
    });
  }
}
