-- Who may do what: people, their roles, API keys and secrets.

create table users (
  id uuid primary key default gen_random_uuid(),
  email text not null,
  name text not null,
  status text not null default 'active' check (status in ('active', 'disabled')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index users_email_key on users (lower(email));

create table identities (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users on delete cascade,
  provider text not null check (provider in ('oidc', 'saml', 'password')),
  issuer text not null default '',
  subject text not null,
  created_at timestamptz not null default now(),
  unique (provider, issuer, subject)
);
create index identities_user on identities (user_id);

create table permissions (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  description text not null,
  created_at timestamptz not null default now()
);
grant select on permissions to eufm_app, eufm_ledger;

-- A role without tenant is built in: every tenant may give it to its members, none may change it.
create table roles (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid references tenants,
  name text not null,
  description text not null,
  created_at timestamptz not null default now(),
  unique nulls not distinct (tenant_id, id),
  unique nulls not distinct (tenant_id, name)
);

create table role_permissions (
  tenant_id uuid references tenants,
  role_id uuid not null,
  permission_id uuid not null references permissions,
  created_at timestamptz not null default now(),
  unique nulls not distinct (tenant_id, role_id, permission_id),
  foreign key (tenant_id, role_id) references roles (tenant_id, id) on delete cascade
);

call isolate_tenant_tables('roles', 'role_permissions');
do $$
declare
  name text;
begin
  foreach name in array array['roles', 'role_permissions'] loop
    execute format(
      'create policy built_in_is_readable on %I for select
         using (tenant_id is null and nullif(current_setting(''app.tenant'', true), '''') is not null)', name);
    execute format(
      'create policy owner_maintains_built_in on %I to current_user
         using (tenant_id is null) with check (tenant_id is null)', name);
  end loop;
end $$;
grant select, insert, update, delete on roles, role_permissions to eufm_app;

-- role_id names a role of this tenant or a built-in one, which no foreign key can say without leaving out tenant_id:
-- the policy looks the role up as the writer sees it. A role that is deleted takes its assignments along by trigger.
create table user_roles (
  tenant_id uuid not null references tenants,
  user_id uuid not null references users deferrable initially deferred,
  role_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, user_id, role_id)
);
call isolate_tenant_tables('user_roles');
create policy role_is_visible on user_roles as restrictive
  using (true) with check (exists (select from roles where roles.id = role_id));
grant select, insert, update, delete on user_roles to eufm_app;

create function delete_role_assignments() returns trigger language plpgsql as $$
begin
  delete from user_roles where tenant_id = old.tenant_id and role_id = old.id;
  return old;
end $$;
create trigger delete_role_assignments after delete on roles for each row execute function delete_role_assignments();

-- People belong to no tenant; a tenant sees those whom it gave a role. To add one, assign the role first: the reference
-- from user_roles is checked at commit.
alter table users enable row level security, force row level security;
create policy member_of_tenant on users
  using (exists (select from user_roles where user_roles.user_id = users.id))
  with check (exists (select from user_roles where user_roles.user_id = users.id));
alter table identities enable row level security, force row level security;
create policy member_of_tenant on identities
  using (exists (select from user_roles where user_roles.user_id = identities.user_id))
  with check (exists (select from user_roles where user_roles.user_id = identities.user_id));
grant select, insert, update on users to eufm_app;
grant select, insert, update, delete on identities to eufm_app;

create table api_keys (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  environment_id uuid not null,
  name text not null,
  key_prefix text not null,
  key_hash text not null,
  scopes text[] not null default '{}',
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  created_by uuid, -- who it was, also when they are gone
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name),
  unique (tenant_id, key_hash),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id)
);
create index api_keys_last_use on api_keys (tenant_id, last_used_at desc nulls last);

create table secrets (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  name text not null,
  encrypted_value text not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);

call isolate_tenant_tables('api_keys', 'secrets');
grant select, insert, update, delete on api_keys, secrets to eufm_app;
grant select on api_keys to eufm_ledger;
