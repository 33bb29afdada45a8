-- What of a tenant's records was rolled off, by day (UTC), and where its archive is. From the first row on, nothing of that
-- day and of earlier ones is held against sums again, nor are sums made from it.
create table roll_offs (
  tenant_id uuid not null references tenants,
  what text not null check (what in ('requests', 'hours')),
  day timestamptz not null, -- its start
  status text not null default 'archiving' check (status in ('archiving', 'deleting', 'done')),
  parts jsonb not null default '[]', -- files of the archive, in order, with what is in each
  rows bigint not null default 0, -- deleted
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, what, day)
);
call isolate_tenant_tables('roll_offs');
grant select on roll_offs to eufm_app;
grant select, insert, update on roll_offs to eufm_ledger;
