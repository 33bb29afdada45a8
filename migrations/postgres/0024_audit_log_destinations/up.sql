-- Where a tenant has the signed checkpoints of its audit log sent, and how far each delivery is: docs/audit.md.
create table audit_log_destinations (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  name text not null,
  kind text not null check (kind in ('webhook', 's3')),
  url text not null, -- of a bucket: its endpoint
  bucket text,
  region text,
  access_key_id text,
  encrypted_secret text not null, -- what deliveries are signed with
  newest_size bigint not null default 0, -- of the newest checkpoint that is to be delivered
  delivered_size bigint not null default 0, -- of the last one that was: deliveries are in the order of sizes
  delivered_at timestamptz,
  failures integer not null default 0, -- since the last delivery
  last_error text,
  next_try_at timestamptz not null default now(), -- while a run of the ledger is at it: when another may take over
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name),
  check ((bucket is not null and region is not null and access_key_id is not null) or kind <> 's3')
);
call isolate_tenant_tables('audit_log_destinations');
grant select, insert, delete on audit_log_destinations to eufm_app;
grant select on audit_log_destinations to eufm_ledger;
grant update (newest_size, delivered_size, delivered_at, failures, last_error, next_try_at) on audit_log_destinations
  to eufm_ledger;
-- Those that something is to be delivered to, of whichever tenant; the ledger goes on in the name of each.
create policy ledger_finds_due on audit_log_destinations for select to eufm_ledger using (newest_size > delivered_size);
call let_tenant_rows_be_erased('audit_log_destinations');
