-- What the data plane decides by: provider accounts, policies, limits and prices.

create table provider_accounts (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  provider text not null check (provider in ('openai', 'anthropic', 'google', 'perplexity')),
  account_label text not null,
  base_url text, -- null: the vendor's own
  encrypted_credentials text not null,
  meta jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, provider, account_label)
);

create table routing_policies (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  name text not null,
  strategy jsonb not null,
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

create table rate_limits (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  environment_id uuid, -- null: every environment
  window_seconds integer not null check (window_seconds > 0),
  max_requests bigint check (max_requests >= 0),
  max_tokens bigint check (max_tokens >= 0),
  strategy text not null default 'fixed-window',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id)
);

create table budgets (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  name text not null,
  amount_usd numeric(26, 12) not null check (amount_usd >= 0),
  period text not null check (period in ('day', 'week', 'month', 'total')),
  scope jsonb not null default '{}',
  hard_stop boolean not null default true,
  thresholds integer[] not null default '{}', -- percent
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

create table data_residency_policies (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  region text not null check (region in ('eu', 'us')),
  enforced boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, region)
);

call isolate_tenant_tables(
  'provider_accounts', 'routing_policies', 'rate_limits', 'budgets', 'data_residency_policies');
grant select, insert, update, delete
  on provider_accounts, routing_policies, rate_limits, budgets, data_residency_policies to eufm_app;
grant select on provider_accounts, budgets to eufm_ledger;

-- Prices are the platform's and never change: a new list is a new version, and a request keeps the one it was priced by.
create table price_versions (
  id uuid primary key,
  source text not null,
  created_at timestamptz not null default now()
);
create table prices (
  price_version_id uuid not null references price_versions,
  provider text not null check (provider in ('openai', 'anthropic', 'google', 'perplexity')),
  model text not null,
  context_tokens integer check (context_tokens > 0),
  kind text not null check (kind in ('input', 'cached_input', 'cache_write', 'output', 'request')),
  -- From how many input tokens of a request this price holds for all of its units.
  from_input_tokens integer not null default 0 check (from_input_tokens >= 0),
  pico_usd_per_unit numeric(38, 0) not null check (pico_usd_per_unit >= 0),
  primary key (price_version_id, provider, model, kind, from_input_tokens)
);
grant select on price_versions, prices to eufm_app, eufm_ledger;
