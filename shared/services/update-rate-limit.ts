import type { RateLimit, RateLimitChange } from '../contracts/http/rate-limits.ts';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, updateConfiguration } from './change-configuration.ts';
import { RATE_LIMITS, toRateLimit, toRateLimitRow } from './rate-limit-fields.ts';

/** Changes fields of a rate limit, with an audit row. */
export async function updateRateLimit(
  by: ChangeContext,
  id: string,
  change: RateLimitChange,
): Promise<Result<RateLimit, ChangeRefusal>> {
  const updated = await updateConfiguration(by, RATE_LIMITS, id, toRateLimitRow(change), change);
  return updated.ok ? ok(toRateLimit(updated.value)) : updated;
}
