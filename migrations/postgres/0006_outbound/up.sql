-- What leaves the platform: alerts, webhooks and billing.

create table alerts (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  name text not null,
  condition jsonb not null,
  channel text not null check (channel in ('email', 'slack', 'webhook')),
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

create table alert_events (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  alert_id uuid not null,
  triggered_at timestamptz not null,
  status text not null,
  payload jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, alert_id) references alerts (tenant_id, id) on delete cascade
);
create index alert_events_alert on alert_events (tenant_id, alert_id, triggered_at desc);

create table webhooks (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  url text not null,
  secret text not null, -- sealed
  events text[] not null default '{}',
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

create table webhook_deliveries (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  webhook_id uuid not null,
  event_type text not null,
  status text not null default 'pending' check (status in ('pending', 'succeeded', 'failed')),
  attempt integer not null default 0 check (attempt >= 0),
  response_code integer,
  error_message text,
  sent_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, webhook_id) references webhooks (tenant_id, id) on delete cascade
);
create index webhook_deliveries_webhook on webhook_deliveries (tenant_id, webhook_id, created_at desc);

create table billing_customers (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  provider text not null default 'stripe' check (provider in ('stripe')),
  external_customer_id text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, provider, external_customer_id)
);

create table subscriptions (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  plan text not null references plans (name),
  status text not null check (status in ('active', 'past_due', 'canceled')),
  current_period_end timestamptz not null,
  usage_quota jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

call isolate_tenant_tables(
  'alerts', 'alert_events', 'webhooks', 'webhook_deliveries', 'billing_customers', 'subscriptions');
grant select, insert, update, delete on alerts, webhooks to eufm_app;
grant select on alert_events, webhook_deliveries, billing_customers, subscriptions to eufm_app;
grant select on alerts, webhooks to eufm_ledger;
grant select, insert, update on alert_events, webhook_deliveries, billing_customers, subscriptions to eufm_ledger;
