-- Requests by the routing policy that they were asked for, and those that another candidate than the first served. What was
-- recorded before is of no policy and none of these.
alter table requests
  add routing_policy_id uuid, -- null: none decided
  add is_fallback boolean not null default false;

-- Referring only to its tenant, a sum stays when its policy goes. The ledger of the release before does not write by these
-- keys: its queue is to be paused from here until the ledger is deployed.
alter table usage_aggregates
  add routing_policy_id uuid,
  drop constraint usage_aggregates_tenant_id_unit_period_start_period_end_env_key,
  add constraint usage_aggregates_key unique nulls not distinct
    (tenant_id, unit, period_start, period_end, environment_id, api_key_id, provider, model, routing_policy_id),
  drop constraint usage_aggregates_unit_check,
  add constraint usage_aggregates_unit_check check (
    unit in ('requests', 'tokens', 'cost_usd', 'fallbacks', 'cache_lookups', 'cache_hits', 'cache_tokens'));
alter table outcome_aggregates
  add routing_policy_id uuid,
  drop constraint outcome_aggregates_tenant_id_period_start_period_end_enviro_key,
  add constraint outcome_aggregates_key unique nulls not distinct
    (tenant_id, period_start, period_end, environment_id, provider, model, status, error_code, routing_policy_id);
