import { sql } from 'drizzle-orm';
import { type RateLimit, type RateLimitChange, rateLimit } from '../contracts/http/rate-limits.ts';
import { rateLimits } from '../db/schema/configuration.ts';
import type { ConfigurationTable, Row } from './change-configuration.ts';
import { createdAtText, givenColumns } from './configuration-columns.ts';
import { nameRateLimit } from './name-rate-limit.ts';

export const RATE_LIMITS: ConfigurationTable = {
  table: rateLimits,
  target: 'rate_limit',
  fields: sql`jsonb_build_object('id', id, 'name', name, 'environmentId', environment_id, 'apiKeyId', api_key_id,
    'windowSeconds', window_seconds, 'maxRequests', max_requests, 'maxTokens', max_tokens,
    'maxConcurrent', max_concurrent, 'strategy', strategy, 'queueMs', queue_ms, 'createdAt', ${createdAtText})`,
};

const row = rateLimit.extend({ name: rateLimit.shape.name.nullable() });

/** A row's fields as clients see them. */
export function toRateLimit(fields: unknown): RateLimit {
  const limit = row.parse(fields);
  return { ...limit, name: nameRateLimit(limit) };
}

/** The columns of what a client sent. */
export function toRateLimitRow(change: RateLimitChange): Row {
  return givenColumns({
    name: change.name,
    environment_id: change.environmentId,
    api_key_id: change.apiKeyId,
    window_seconds: change.windowSeconds,
    max_requests: change.maxRequests,
    max_tokens: change.maxTokens,
    max_concurrent: change.maxConcurrent,
    strategy: change.strategy,
    queue_ms: change.queueMs,
  });
}
