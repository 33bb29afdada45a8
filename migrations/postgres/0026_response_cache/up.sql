-- Requests that looked for a stored answer: what became of it, and what those saved that had one.

alter table requests
  add cache_outcome text check (cache_outcome in ('miss', 'exact', 'joined', 'alike')), -- null: none was looked for
  add saved_usd numeric(26, 12), -- what the stored answer cost when it was made
  add saved_token_count bigint;

-- Units of the cache count no usage: their `cost_usd` is what was saved.
alter table usage_aggregates
  drop constraint usage_aggregates_unit_check,
  add constraint usage_aggregates_unit_check
    check (unit in ('requests', 'tokens', 'cost_usd', 'cache_lookups', 'cache_hits', 'cache_tokens'));
