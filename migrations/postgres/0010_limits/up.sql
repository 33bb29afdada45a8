-- Limits: rates by key and at once, the tenant's calendar, and the thresholds that its budgets reached.

alter table tenants
  add time_zone text not null default 'UTC' -- IANA: whose calendar the periods of quotas and budgets follow
    check (time_zone ~ '^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$');

alter table rate_limits
  add name text, -- null: what the limit says
  add api_key_id uuid, -- null: every key
  add max_concurrent integer check (max_concurrent >= 0),
  add queue_ms integer not null default 0 check (queue_ms >= 0), -- how long to wait for max_concurrent
  add constraint rate_limits_strategy_check check (strategy in ('fixed-window', 'sliding-window', 'token-bucket')),
  add constraint rate_limits_max_check check (num_nonnulls(max_requests, max_tokens, max_concurrent) > 0),
  add constraint rate_limits_queue_check check (queue_ms = 0 or max_concurrent is not null),
  add foreign key (tenant_id, api_key_id) references api_keys (tenant_id, id);

alter table budgets
  alter thresholds set default '{50,80,95,100}',
  add constraint budgets_thresholds_check check (array_position(thresholds, null) is null and 0 < all (thresholds));

-- A threshold is told of once per period. Like a request, it is recorded whatever became of its budget in the meantime.
create table budget_threshold_events (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  budget_id uuid not null,
  budget_name text not null,
  threshold integer not null check (threshold > 0), -- percent
  period_start timestamptz not null,
  cap_usd numeric(26, 12) not null,
  spent_usd numeric(26, 12) not null,
  reached_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, budget_id, period_start, threshold)
);
call isolate_tenant_tables('budget_threshold_events');
grant select on budget_threshold_events to eufm_app;
grant select, insert on budget_threshold_events to eufm_ledger;

-- The ledger publishes tenants' configuration, of which rate limits are part.
grant select on rate_limits to eufm_ledger;
