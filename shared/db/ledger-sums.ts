import { type SQL, sql } from 'drizzle-orm';

/** The hour and the day (UTC) in which a request started. */
const PERIODS = sql`lateral (values
    (date_trunc('hour', started_at, 'UTC'), interval '1 hour'),
    (date_trunc('day', started_at, 'UTC'), interval '1 day')
  ) as period (period_start, period_length)`;

export const USAGE_COLUMNS = sql`
  tenant_id, period_start, period_end, unit, environment_id, api_key_id, provider, model, routing_policy_id,
  value, cost_usd`;

/**
 * What `usage_aggregates` counts, as a query of `USAGE_COLUMNS`. `source` is what follows FROM, with the columns of
 * `requests` and `sign`: 1 counts a row, -1 takes it away.
 */
export function usageOf(source: SQL): SQL {
  return sql`
    select tenant_id, period_start, period_start + period_length as period_end, unit,
      environment_id, api_key_id, provider, model, routing_policy_id, value, measure.cost_usd
    from (
      select tenant_id, period_start, period_length, environment_id, api_key_id, provider, model, routing_policy_id,
        sum(sign) as requests,
        sum(sign * (coalesce(input_token_count, 0) + coalesce(output_token_count, 0))) as tokens,
        sum(sign * cost_usd) as cost_usd,
        coalesce(sum(sign) filter (where is_fallback), 0) as fallbacks,
        coalesce(sum(sign * cost_usd) filter (where is_fallback), 0) as fallback_usd,
        coalesce(sum(sign) filter (where cache_outcome is not null), 0) as lookups,
        coalesce(sum(sign) filter (where cache_outcome <> 'miss'), 0) as hits,
        coalesce(sum(sign * saved_token_count), 0) as saved_tokens,
        coalesce(sum(sign * saved_usd), 0) as saved_usd
      from ${source} cross join ${PERIODS}
      group by tenant_id, period_start, period_length, environment_id, api_key_id, provider, model, routing_policy_id
    ) as total
    cross join lateral (values
      ('requests', requests, total.cost_usd),
      ('tokens', tokens, total.cost_usd),
      ('cost_usd', total.cost_usd, total.cost_usd),
      ('fallbacks', fallbacks, fallback_usd),
      ('cache_lookups', lookups, 0),
      ('cache_hits', hits, saved_usd),
      ('cache_tokens', saved_tokens, saved_usd)
    ) as measure (unit, value, cost_usd)
    where unit in ('requests', 'tokens', 'cost_usd') or value <> 0 or measure.cost_usd <> 0`;
}

export const OUTCOME_COLUMNS = sql`
  tenant_id, period_start, period_end, environment_id, provider, model, status, error_code, routing_policy_id,
  requests, latency_buckets, latency_counts`;

/**
 * What `outcome_aggregates` counts; a stored answer says nothing of how long its provider takes. A query of `OUTCOME_COLUMNS`;
 * `source` as for `usageOf`.
 */
export function outcomesOf(source: SQL): SQL {
  return sql`
    select tenant_id, period_start, period_start + period_length as period_end,
      environment_id, provider, model, status, error_code, routing_policy_id, sum(requests)::bigint as requests,
      coalesce(array_agg(bucket order by bucket) filter (where bucket is not null and requests <> 0), '{}')
        as latency_buckets,
      coalesce(array_agg(requests order by bucket) filter (where bucket is not null and requests <> 0), '{}')
        as latency_counts
    from (
      select tenant_id, period_start, period_length, environment_id, provider, model, status, error_code, routing_policy_id,
        latency_bucket(case when coalesce(cache_outcome, 'miss') = 'miss' then latency_ms end) as bucket,
        sum(sign) as requests
      from ${source} cross join ${PERIODS}
      group by tenant_id, period_start, period_length, environment_id, provider, model, status, error_code,
        routing_policy_id, bucket
    ) as counted
    group by tenant_id, period_start, period_length, environment_id, provider, model, status, error_code,
      routing_policy_id`;
}

/** The kind of a request's first posting, of an alias of `requests`: what its cost is spent as. */
export function firstPostingKind(row: SQL): SQL {
  return sql`case ${row}.status when 'estimated' then 'estimated' else 'settled' end`;
}
