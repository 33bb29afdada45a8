import { type SQL, sql } from 'drizzle-orm';

/**
 * The condition on a row of `tenants` under which something that is told of the tenant may still be written. From the moment
 * on at which it may be erased nothing is: it would come behind the deletion, and stay.
 */
export const takesEntries = sql`tenants.status <> 'erased' and coalesce(tenants.erase_after > now(), true)`;

/**
 * If a tenant may be erased by now, or was: then what is still told of it is not written. Of one that there never was it is
 * false, so that the database refuses what names it.
 */
export function isLeaving(tenantId: string | SQL): SQL {
  return sql`exists (select from tenants where tenants.id = ${tenantId}::uuid and not (${takesEntries}))`;
}
