-- Agents, workflows and the tasks that run them.

create table agents (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  name text not null,
  type text not null,
  config jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

create table agent_versions (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  agent_id uuid not null,
  version integer not null check (version > 0),
  config jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, agent_id, version),
  foreign key (tenant_id, agent_id) references agents (tenant_id, id) on delete cascade
);

create table workflows (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  name text not null,
  version integer not null check (version > 0),
  definition jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name, version)
);

create table tasks (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  environment_id uuid not null,
  workflow_id uuid,
  agent_id uuid,
  input jsonb not null,
  status text not null default 'queued' check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
  priority integer not null default 0,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id),
  foreign key (tenant_id, workflow_id) references workflows (tenant_id, id),
  foreign key (tenant_id, agent_id) references agents (tenant_id, id)
);
create index tasks_status on tasks (tenant_id, status, created_at desc, id desc);

create table task_executions (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  task_id uuid not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  status text not null check (status in ('running', 'succeeded', 'failed', 'canceled')),
  trace_id text,
  logs_uri text,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, task_id) references tasks (tenant_id, id) on delete cascade
);
create index task_executions_task on task_executions (tenant_id, task_id, started_at desc);

call isolate_tenant_tables('agents', 'agent_versions', 'workflows', 'tasks', 'task_executions');
grant select, insert, update, delete on agents, agent_versions, workflows, tasks, task_executions to eufm_app;
