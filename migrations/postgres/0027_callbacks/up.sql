-- Deliveries of webhooks, and of the callbacks that tasks ask for, on one path: docs/webhooks.md.

alter table tasks add callback_url text;

-- A delivery is a webhook's, or the callback of one end of a task. What is sent is here as it is sent, each time the same.
alter table webhook_deliveries
  alter webhook_id drop not null,
  add task_id uuid,
  add ended_at timestamptz, -- of the task: each end is told of once
  add url text,
  add endpoint text, -- the URL's origin: what is taken for down together
  add body text,
  add next_try_at timestamptz not null default now(), -- while a run of the ledger is at it: when another may take over
  add check (webhook_id is not null or task_id is not null),
  add unique (tenant_id, task_id, ended_at);
create index webhook_deliveries_due on webhook_deliveries (tenant_id, endpoint, next_try_at) where status = 'pending';

-- Those that are to be sent, of whichever tenant; the ledger goes on in the name of each.
create policy ledger_finds_due on webhook_deliveries for select to eufm_ledger
  using (status = 'pending' and body is not null);

-- What deliveries are signed with: by the one in force, and for a while by those before it.
create table webhook_signing_secrets (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  encrypted_secret text not null,
  expires_at timestamptz, -- null: in force
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create unique index webhook_signing_secrets_in_force on webhook_signing_secrets (tenant_id) where expires_at is null;
call isolate_tenant_tables('webhook_signing_secrets');
grant select, insert on webhook_signing_secrets to eufm_app, eufm_ledger;
grant update (expires_at) on webhook_signing_secrets to eufm_app;
call let_tenant_rows_be_erased('webhook_signing_secrets');
