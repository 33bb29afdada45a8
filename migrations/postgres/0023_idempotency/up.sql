-- What requests with an Idempotency-Key have changed: written in the transaction of the change, so that no retry makes it again.

create table idempotent_effects (
  tenant_id uuid not null references tenants deferrable initially deferred, -- one of them is the tenant itself
  effect_id uuid not null, -- the key has it for as long as it is remembered
  request_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, effect_id)
);
create index idempotent_effects_age on idempotent_effects (tenant_id, created_at);
call isolate_tenant_tables('idempotent_effects');
call let_tenant_rows_be_erased('idempotent_effects');
grant select, insert, delete on idempotent_effects to eufm_app;
