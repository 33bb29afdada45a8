import { type SQL, sql } from 'drizzle-orm';

/**
 * Makes the transaction the only one that writes a tenant's ledger, until it ends. Has to be a statement of its own: the
 * next one then sees everything that was written before.
 */
export function lockLedger(tenantId: string): SQL {
  return sql`select pg_advisory_xact_lock(hashtextextended(${tenantId}, 0))`;
}
