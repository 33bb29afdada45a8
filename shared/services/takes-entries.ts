import { sql } from 'drizzle-orm';

/**
 * The condition on a row of `tenants` under which something that is told of the tenant may still be written. From the moment
 * on at which it may be erased nothing is: it would come behind the deletion, and stay.
 */
export const takesEntries = sql`tenants.status <> 'erased' and coalesce(tenants.erase_after > now(), true)`;
