-- Tasks as their runners tell of them: the ledger writes these rows, and a higher revision replaces a lower one.

alter table tasks
  add revision integer not null default 1 check (revision > 0),
  add api_key_id uuid, -- who created it: a key, or
  add user_id uuid, -- a person
  add batch_id uuid,
  add task_type text not null default 'chat',
  add metadata jsonb not null default '{}',
  add trace_id text,
  add execute_at timestamptz, -- not to begin, or not to be tried again, before
  add deadline_at timestamptz,
  add max_attempts integer not null default 1 check (max_attempts > 0),
  add cost_usd numeric(26, 12), -- of all attempts; null: not known of each
  add error_code text,
  add error_detail text,
  add ended_at timestamptz,
  add updated_at timestamptz not null default now();
create index tasks_newest on tasks (tenant_id, created_at desc, id desc);
create index tasks_batch on tasks (tenant_id, batch_id) where batch_id is not null;

alter table task_executions
  add number integer not null default 1 check (number > 0),
  add request_id uuid,
  add error_code text,
  add cost_usd numeric(26, 12),
  add is_estimated boolean not null default false,
  add is_counted boolean not null default true,
  add unique (tenant_id, task_id, number);

grant select, insert, update on tasks, task_executions to eufm_ledger;
revoke insert, update, delete on tasks, task_executions from eufm_app;

-- What a person may do is asked for again when a task of theirs begins, by a script that has no database.
grant select (id, status) on users to eufm_ledger;
grant select (role_id, permission_id) on role_permissions to eufm_ledger;
