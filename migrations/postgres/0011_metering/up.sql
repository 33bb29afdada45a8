-- Metering: requests by day, usage by hour and day, outcomes and latencies, and the double-entry ledger of money.

alter table plans
  add request_retention_days integer not null default 30 check (request_retention_days > 0),
  add hourly_retention_days integer not null default 400 check (hourly_retention_days > 0);

-- A request's id begins with its time, so a range of ids is a day. Keys stay as they were: a later revision of a request
-- finds it by its id, whatever it says of its start.
alter table request_events drop constraint request_events_tenant_id_request_id_fkey;
alter table requests rename to requests_before;
alter index requests_pkey rename to requests_before_pkey;
alter index requests_newest rename to requests_before_newest;
alter index requests_provider_newest rename to requests_before_provider_newest;
create table requests (like requests_before including defaults including constraints including generated)
  partition by range (id);
alter table requests
  add primary key (tenant_id, id),
  add constraint requests_tenant_id_fkey foreign key (tenant_id) references tenants;
-- What belongs to no day that was prepared: no request is refused for want of a partition.
create table requests_default partition of requests default;
create index requests_newest on requests (tenant_id, created_at desc, id desc);
create index requests_provider_newest on requests (tenant_id, provider, created_at desc, id desc);
create index requests_troubled on requests (tenant_id, created_at desc, id desc) where status <> 'completed';
alter table requests_before no force row level security; -- its owner reads every tenant's rows, this once
insert into requests_default select * from requests_before;
drop table requests_before;
call isolate_tenant_tables('requests', 'requests_default');
grant select on requests to eufm_app;
grant select, insert, update, delete on requests to eufm_ledger;
alter table request_events
  add constraint request_events_tenant_id_request_id_fkey foreign key (tenant_id, request_id) references requests (tenant_id, id) on delete cascade;

-- Every value of a request's record that explains its bill.
alter table requests
  add attempts jsonb; -- null: one call, to the request's own provider and model

-- How many requests ended how, and how long they took. The histogram's buckets grow by 5 %: see latency_bucket.
create table outcome_aggregates (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  period_start timestamptz not null,
  period_end timestamptz not null,
  environment_id uuid not null,
  provider text not null,
  model text not null,
  status text not null,
  error_code text,
  requests bigint not null,
  latency_buckets smallint[] not null default '{}', -- ascending
  latency_counts bigint[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique nulls not distinct
    (tenant_id, period_start, period_end, environment_id, provider, model, status, error_code),
  check (period_end > period_start),
  check (cardinality(latency_buckets) = cardinality(latency_counts))
);

-- Rows of days lie among 24 times as many of hours. Their keys never change, so that counting on leaves the indexes alone.
create index outcome_aggregates_days on outcome_aggregates (tenant_id, period_start)
  where period_end - period_start > interval '1 hour';
create index usage_aggregates_days on usage_aggregates (tenant_id, unit, period_start)
  where period_end - period_start > interval '1 hour';

-- The bucket b of a latency holds what is above 1.05^(b-1) ms and up to 1.05^b ms.
create function latency_bucket(milliseconds bigint) returns smallint language sql immutable strict parallel safe
  return least(360, ceil(ln(greatest(milliseconds, 1)::double precision) / ln(1.05::double precision)))::smallint;

-- Double entry: a posting is a row, an account a column, and what a posting takes from one account it gives to another.
create table ledger_postings (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  event_id uuid not null, -- of a request: its id
  revision integer not null check (revision > 0),
  kind text not null check (kind in ('settled', 'estimated', 'corrected', 'marked', 'adjusted')),
  available numeric(26, 12) not null default 0,
  held numeric(26, 12) not null default 0,
  spent numeric(26, 12) not null default 0,
  estimated numeric(26, 12) not null default 0,
  adjustment numeric(26, 12) not null default 0,
  reason text, -- why an operator adjusted
  occurred_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, event_id, revision),
  constraint ledger_postings_sum_to_zero check (available + held + spent + estimated + adjustment = 0),
  constraint ledger_postings_reason check (case kind when 'adjusted' then reason is not null else reason is null end)
);
create index ledger_postings_newest on ledger_postings (tenant_id, occurred_at desc, id desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger append_only before update or delete on ledger_postings
  for each row execute function refuse_change();
create trigger append_only_whole before truncate on ledger_postings
  for each statement execute function refuse_change();
alter table ledger_postings enable always trigger append_only, enable always trigger append_only_whole;

-- What there is already is counted too: days from their hours, outcomes and postings from their requests. Until the end of
-- this migration the tables' owner reads and writes every tenant's rows.
alter table requests no force row level security;
alter table usage_aggregates no force row level security;
insert into usage_aggregates
  (tenant_id, period_start, period_end, unit, environment_id, api_key_id, provider, model, value, cost_usd)
select
  tenant_id, day, day + interval '1 day', unit, environment_id, api_key_id, provider, model, sum(value), sum(cost_usd)
from usage_aggregates cross join date_trunc('day', period_start, 'UTC') as day
group by tenant_id, day, unit, environment_id, api_key_id, provider, model;
insert into outcome_aggregates (tenant_id, period_start, period_end, environment_id, provider, model, status, error_code,
  requests, latency_buckets, latency_counts)
select tenant_id, period_start, period_start + length, environment_id, provider, model, status, error_code, sum(requests),
  coalesce(array_agg(bucket order by bucket) filter (where bucket is not null), '{}'),
  coalesce(array_agg(requests order by bucket) filter (where bucket is not null), '{}')
from (
  select tenant_id, period_start, length, environment_id, provider, model, status, error_code,
    latency_bucket(latency_ms) as bucket, count(*) as requests
  from requests cross join lateral (values
    (date_trunc('hour', started_at, 'UTC'), interval '1 hour'),
    (date_trunc('day', started_at, 'UTC'), interval '1 day')
  ) as period (period_start, length)
  group by tenant_id, period_start, length, environment_id, provider, model, status, error_code, bucket
) as counted
group by tenant_id, period_start, length, environment_id, provider, model, status, error_code;
insert into ledger_postings (tenant_id, event_id, revision, kind, available, spent, estimated, occurred_at)
select tenant_id, id, revision, kind, -cost_usd,
  case kind when 'settled' then cost_usd else 0 end, case kind when 'estimated' then cost_usd else 0 end,
  coalesce(ended_at, started_at)
from requests cross join lateral (select case status when 'estimated' then 'estimated' else 'settled' end as kind) as posting;
alter table requests force row level security;
alter table usage_aggregates force row level security;

call isolate_tenant_tables('outcome_aggregates', 'ledger_postings');
grant select on outcome_aggregates, ledger_postings to eufm_app, eufm_ledger;
grant insert, update, delete on outcome_aggregates to eufm_ledger;
grant insert on ledger_postings to eufm_ledger;
grant delete on usage_aggregates, request_events to eufm_ledger;

-- Work that outlives a run of the schedule: the platform's own.
create table jobs (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  status text not null default 'queued' check (status in ('queued', 'running', 'succeeded', 'failed')),
  due_on date, -- null: asked for by an operator
  input jsonb not null default '{}',
  progress jsonb not null default '{}',
  result jsonb,
  error text,
  attempts integer not null default 0,
  heartbeat_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  unique (kind, due_on)
);
create index jobs_open on jobs (created_at) where status in ('queued', 'running');
grant select, insert, update on jobs to eufm_ledger;

alter table dead_letters
  add replayed_at timestamptz,
  add replay_count integer not null default 0;
grant update (replayed_at, replay_count) on dead_letters to eufm_ledger;

update plans set request_retention_days = case name
  when 'starter' then 30 when 'professional' then 90 when 'enterprise' then 365 else 730 end;
