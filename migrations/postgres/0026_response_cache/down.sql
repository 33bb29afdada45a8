alter table usage_aggregates no force row level security; -- its owner removes every tenant's rows of these units
delete from usage_aggregates where unit in ('cache_lookups', 'cache_hits', 'cache_tokens');
alter table usage_aggregates force row level security;
alter table usage_aggregates
  drop constraint usage_aggregates_unit_check,
  add constraint usage_aggregates_unit_check check (unit in ('requests', 'tokens', 'cost_usd'));
alter table requests
  drop saved_token_count,
  drop saved_usd,
  drop cache_outcome;
