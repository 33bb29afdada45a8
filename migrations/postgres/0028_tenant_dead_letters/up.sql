-- What of a tenant's was given up, as the tenant sees it and may have done again: docs/tasks.md. It carries nothing of what
-- was given up: a message is in dead_letters, a task and a delivery are in their own rows.
create table tenant_dead_letters (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  kind text not null check (kind in ('message', 'task', 'callback')),
  subject_id uuid not null, -- the row of dead_letters, the task, or the delivery
  occurred_at timestamptz not null, -- when it was given up: it may be again, after a replay
  reason text not null,
  attempts integer not null default 0,
  size_bytes integer, -- of the message or of what was to be delivered
  status text not null default 'open' check (status in ('open', 'replaying', 'replayed', 'dropped')),
  changed_at timestamptz, -- when it was last asked to be replayed, was replayed or was dropped
  replay_count integer not null default 0,
  last_error text, -- why the last replay came to nothing
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, kind, subject_id, occurred_at)
);
create index tenant_dead_letters_newest on tenant_dead_letters (tenant_id, created_at desc, id desc);
create index tenant_dead_letters_replaying on tenant_dead_letters (id) where status = 'replaying';

-- Messages of before, where their tenant can be told.
insert into tenant_dead_letters (tenant_id, kind, subject_id, occurred_at, reason, size_bytes, created_at)
select tenants.id, 'message', dead_letters.id, dead_letters.created_at, dead_letters.error,
  octet_length(dead_letters.payload::text), dead_letters.created_at
from dead_letters join tenants on tenants.id::text = dead_letters.subject_tenant
where dead_letters.replayed_at is null;

call isolate_tenant_tables('tenant_dead_letters');
grant select on tenant_dead_letters to eufm_app, eufm_ledger;
grant update (status, changed_at) on tenant_dead_letters to eufm_app;
grant insert, update (status, changed_at, replay_count, last_error) on tenant_dead_letters to eufm_ledger;
-- Those that are to be replayed, of whichever tenant; the ledger goes on in the name of each.
create policy ledger_finds_replays on tenant_dead_letters for select to eufm_ledger using (status = 'replaying');
call let_tenant_rows_be_erased('tenant_dead_letters');
