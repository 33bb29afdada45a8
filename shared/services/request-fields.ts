import { type SQL, sql } from 'drizzle-orm';
import type { RequestView } from '../contracts/http/requests.ts';

/** A row of requests as these columns read it; times and costs are texts. */
export interface RequestRecord extends Omit<RequestView, 'costUsd' | 'savedUsd'> {
  readonly costUsd: string;
  readonly savedUsd: string | null;
}

/** Columns of `requests` under the names that clients know. */
export const REQUEST_FIELDS: SQL = sql`
  id, environment_id as "environmentId", api_key_id as "apiKeyId", task_id as "taskId", provider, model,
  task_type as "taskType", status, error_code as "errorCode", latency_ms::float8 as "latencyMs",
  input_token_count::float8 as "inputTokenCount", cached_input_token_count::float8 as "cachedInputTokenCount",
  cache_write_token_count::float8 as "cacheWriteTokenCount", audio_input_token_count::float8 as "audioInputTokenCount",
  output_token_count::float8 as "outputTokenCount", reasoning_token_count::float8 as "reasoningTokenCount",
  audio_output_token_count::float8 as "audioOutputTokenCount", search_count::float8 as "searchCount",
  trim_scale(cost_usd)::text as "costUsd", revision, ${isoTime(sql`started_at`, 'MS')} as "startedAt",
  ${isoTime(sql`ended_at`, 'MS')} as "endedAt", ${isoTime(sql`created_at`, 'MS')} as "createdAt", trace_id as "traceId",
  cache_outcome as "cacheOutcome", trim_scale(saved_usd)::text as "savedUsd",
  case when residency is not null then jsonb_build_object('colo', colo, 'jurisdiction', jurisdiction,
    'endpointRegion', endpoint_region, 'guarantee', guarantee, 'residency', residency) end as "location"`;

/** A time as ISO 8601 in UTC, to the millisecond or to the microsecond that Postgres keeps. */
export function isoTime(time: SQL, precision: 'MS' | 'US'): SQL {
  return sql`to_char(${time} at time zone 'UTC', ${sql.raw(`'YYYY-MM-DD"T"HH24:MI:SS.${precision}"Z"'`)})`;
}

/** A row as clients see it. */
export function toRequestView({ costUsd, savedUsd, ...record }: RequestRecord): RequestView {
  return { ...record, costUsd: Number(costUsd), savedUsd: savedUsd === null ? null : Number(savedUsd) };
}
