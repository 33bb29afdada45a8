alter table usage_aggregates no force row level security; -- its owner removes and merges every tenant's rows
alter table outcome_aggregates no force row level security;
delete from usage_aggregates where unit = 'fallbacks';

-- Sums that only their policies tell apart become one: the first of them has what all of them count.
with same as (
  select tenant_id, array_agg(id order by routing_policy_id nulls first) as ids,
    sum(value) as value, sum(cost_usd) as cost_usd, max(updated_at) as updated_at
  from usage_aggregates
  group by tenant_id, unit, period_start, period_end, environment_id, api_key_id, provider, model
  having count(*) > 1
), gone as (
  delete from usage_aggregates as part using same where part.tenant_id = same.tenant_id and part.id = any (ids[2:])
)
update usage_aggregates as part set value = same.value, cost_usd = same.cost_usd, updated_at = same.updated_at
from same where part.tenant_id = same.tenant_id and part.id = ids[1];

with same as (
  select tenant_id, array_agg(id order by routing_policy_id nulls first) as ids,
    sum(requests) as requests, max(updated_at) as updated_at
  from outcome_aggregates
  group by tenant_id, period_start, period_end, environment_id, provider, model, status, error_code
  having count(*) > 1
), merged as (
  select same.*, buckets, counts
  from same cross join lateral (
    select coalesce(array_agg(bucket order by bucket), '{}') as buckets,
      coalesce(array_agg(count order by bucket), '{}') as counts
    from (
      select bucket, sum(count)::bigint as count
      from outcome_aggregates as part cross join lateral unnest(latency_buckets, latency_counts) as latency (bucket, count)
      where part.tenant_id = same.tenant_id and part.id = any (ids)
      group by bucket
    ) as summed
  ) as histogram
), gone as (
  delete from outcome_aggregates as part using same where part.tenant_id = same.tenant_id and part.id = any (ids[2:])
)
update outcome_aggregates as part set requests = merged.requests, latency_buckets = buckets, latency_counts = counts,
  updated_at = merged.updated_at
from merged where part.tenant_id = merged.tenant_id and part.id = ids[1];
alter table usage_aggregates force row level security;
alter table outcome_aggregates force row level security;

-- With its column goes the key that has it.
alter table usage_aggregates drop routing_policy_id;
alter table usage_aggregates
  add unique nulls not distinct
    (tenant_id, unit, period_start, period_end, environment_id, api_key_id, provider, model),
  drop constraint usage_aggregates_unit_check,
  add constraint usage_aggregates_unit_check
    check (unit in ('requests', 'tokens', 'cost_usd', 'cache_lookups', 'cache_hits', 'cache_tokens'));
alter table outcome_aggregates drop routing_policy_id;
alter table outcome_aggregates
  add unique nulls not distinct
    (tenant_id, period_start, period_end, environment_id, provider, model, status, error_code);
alter table requests
  drop is_fallback,
  drop routing_policy_id;
