import { eq } from 'drizzle-orm';
import type { RateLimit } from '../contracts/http/rate-limits.ts';
import type { Database } from '../db/client.ts';
import { rateLimits } from '../db/schema/configuration.ts';
import { withTenant } from '../db/with-tenant.ts';
import { RATE_LIMITS, toRateLimit } from './rate-limit-fields.ts';

/** A rate limit, or null when the tenant has no such one. */
export async function getRateLimit(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<RateLimit | null> {
  const { db, tenantId, id } = input;
  const [[row]] = await withTenant(db, tenantId, (db) => [
    db.select({ fields: RATE_LIMITS.fields }).from(rateLimits).where(eq(rateLimits.id, id)),
  ]);
  return row ? toRateLimit(row.fields) : null;
}
