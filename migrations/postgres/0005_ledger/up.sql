-- What happened. The ledger writes it, the gateway only reads; nobody deletes.

-- Referring only to its tenant, a request is recorded whatever became of its key or environment in the meantime.
create table requests (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  environment_id uuid not null,
  task_id uuid,
  api_key_id uuid,
  provider text not null,
  model text not null,
  task_type text not null default 'chat',
  status text not null check (status in ('queued', 'running', 'completed', 'failed', 'estimated')),
  error_code text,
  latency_ms bigint,
  input_token_count bigint, -- a null count: the provider did not say
  cached_input_token_count bigint,
  cache_write_token_count bigint,
  output_token_count bigint,
  reasoning_token_count bigint,
  cost_usd numeric(26, 12) not null,
  price_version_id uuid,
  revision integer not null default 1, -- 2 and more correct an estimate
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  trace_id text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index requests_newest on requests (tenant_id, created_at desc, id desc);
create index requests_provider_newest on requests (tenant_id, provider, created_at desc, id desc);

create table request_events (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  request_id uuid not null,
  ts timestamptz not null,
  type text not null,
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, request_id) references requests (tenant_id, id)
);
create index request_events_request on request_events (tenant_id, request_id, ts);

create table usage_aggregates (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  period_start timestamptz not null,
  period_end timestamptz not null,
  unit text not null check (unit in ('requests', 'tokens', 'cost_usd')),
  environment_id uuid not null,
  api_key_id uuid,
  provider text not null,
  model text not null,
  value numeric(38, 12) not null,
  cost_usd numeric(26, 12) not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique nulls not distinct
    (tenant_id, unit, period_start, period_end, environment_id, api_key_id, provider, model),
  check (period_end > period_start)
);

create table audit_logs (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  actor_user_id uuid,
  actor_api_key_id uuid,
  action text not null,
  target_type text not null,
  target_id text,
  ip inet,
  user_agent text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index audit_logs_newest on audit_logs (tenant_id, created_at desc, id desc);

call isolate_tenant_tables('requests', 'request_events', 'usage_aggregates', 'audit_logs');
grant select on requests, request_events, usage_aggregates, audit_logs to eufm_app, eufm_ledger;
grant insert, update on requests, usage_aggregates to eufm_ledger;
grant insert on request_events to eufm_ledger;
grant insert on audit_logs to eufm_app, eufm_ledger;

-- Queue messages that could not be processed. They are the platform's: a poison message's tenant is only what it claims.
create table dead_letters (
  id uuid primary key default gen_random_uuid(),
  queue text not null,
  message_id text not null,
  subject_tenant text,
  payload jsonb not null,
  error text not null,
  created_at timestamptz not null default now(),
  unique (queue, message_id)
);
grant select, insert on dead_letters to eufm_ledger;
