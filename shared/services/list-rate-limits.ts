import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { RateLimit } from '../contracts/http/rate-limits.ts';
import type { Database } from '../db/client.ts';
import { listConfiguration } from './list-configuration.ts';
import { RATE_LIMITS, toRateLimit } from './rate-limit-fields.ts';

/** A page of a tenant's rate limits, oldest first. */
export async function listRateLimits(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<RateLimit>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: RATE_LIMITS });
  return { data: data.map(toRateLimit), nextCursor };
}
