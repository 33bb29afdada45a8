import type { RateLimit, RateLimitInput } from '../contracts/http/rate-limits.ts';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';
import { RATE_LIMITS, toRateLimit, toRateLimitRow } from './rate-limit-fields.ts';

/** Adds a rate limit, with its audit row. The data plane knows of it once it is published. */
export async function createRateLimit(
  by: ChangeContext,
  input: RateLimitInput,
): Promise<Result<RateLimit, ChangeRefusal>> {
  const created = await insertConfiguration(by, RATE_LIMITS, toRateLimitRow(input), input);
  return created.ok ? ok(toRateLimit(created.value)) : created;
}
