-- Tenants, and the rule that keeps them apart.
--
-- Every row with a tenant_id is seen and written only by a transaction that names its tenant in app.tenant. Forced
-- row-level security binds the tables' owner too. Keys and references between tenants' rows begin with tenant_id,
-- because row-level security does not reach into them: without it a duplicate key or a reference would tell one tenant
-- what another has. The roles eufm_app (gateway, vault) and eufm_ledger own nothing; scripts/db/roles.ts makes them.

create procedure isolate_tenant_tables(variadic names text[]) language plpgsql as $$
declare
  name text;
  -- After a transaction that set it, app.tenant is an empty text and not null.
  is_own constant text := 'tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid';
begin
  foreach name in array names loop
    execute format('alter table %I enable row level security, force row level security', name);
    execute format('create policy tenant_isolation on %I using (%s) with check (%s)', name, is_own, is_own);
  end loop;
end $$;
revoke all on procedure isolate_tenant_tables from public;

create table plans (
  name text primary key,
  monthly_price_usd numeric(26, 12) not null check (monthly_price_usd >= 0),
  is_price_from boolean not null default false,
  member_limit integer check (member_limit > 0), -- null: unlimited
  monthly_call_limit bigint check (monthly_call_limit > 0), -- null: by contract
  created_at timestamptz not null default now()
);
grant select on plans to eufm_app, eufm_ledger;

create table tenants (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null unique,
  plan text not null default 'starter' references plans (name),
  region text not null check (region in ('eu', 'us')),
  status text not null default 'active' check (status in ('active', 'suspended')),
  -- Raised by every change that TenantGate must know of; the ledger hands over what is not yet published.
  config_version integer not null default 1,
  published_config_version integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index tenants_unpublished on tenants (id) where config_version > published_config_version;
alter table tenants enable row level security, force row level security;
create policy tenant_isolation on tenants
  using (id = nullif(current_setting('app.tenant', true), '')::uuid)
  with check (id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy ledger_finds_unpublished on tenants for select to eufm_ledger using (true);
create policy owner_republishes on tenants to current_user using (true) with check (true); -- new prices concern all
grant select, insert, update on tenants to eufm_app;
grant select, update (published_config_version) on tenants to eufm_ledger;

create table environments (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  name text not null,
  type text not null check (type in ('dev', 'staging', 'prod')),
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call isolate_tenant_tables('environments');
grant select, insert, update, delete on environments to eufm_app;
grant select on environments to eufm_ledger;
