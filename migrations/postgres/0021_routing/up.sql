-- Routing policies have versions, of which one decides, and a tenant can have one for requests that name none.

alter table routing_policies
  add is_default boolean not null default false,
  add published_version integer not null default 1 check (published_version > 0), -- the one that `strategy` is
  add previous_version integer check (previous_version > 0), -- the one that decided before it
  add latest_version integer not null default 1 check (latest_version >= published_version),
  add draft jsonb; -- the latest version, where it was never published

create table routing_policy_versions (
  tenant_id uuid not null references tenants,
  policy_id uuid not null,
  version integer not null check (version > 0),
  strategy jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, policy_id, version),
  foreign key (tenant_id, policy_id) references routing_policies (tenant_id, id) on delete cascade
);
call isolate_tenant_tables('routing_policy_versions');
call let_tenant_rows_be_erased('routing_policy_versions');
-- A version is never changed; it goes with its policy.
grant select, insert on routing_policy_versions to eufm_app;

alter table routing_policies no force row level security;
alter table routing_policy_versions no force row level security;
insert into routing_policy_versions (tenant_id, policy_id, version, strategy, created_at)
  select tenant_id, id, 1, strategy, created_at from routing_policies;
alter table routing_policy_versions force row level security;
alter table routing_policies force row level security;

-- How a request came to its provider; null where it named one model.
alter table requests add routing jsonb;
