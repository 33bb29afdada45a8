-- SCIM 2.0: a tenant's own identity provider makes and ends the tenant's people, and says which groups they are in.

-- Which claim of the provider's ID token says what it calls a person by SCIM's externalId.
alter table identity_providers
  add external_id_claim text not null default 'sub' check (external_id_claim in ('sub', 'oid'));

create table scim_tokens (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  identity_provider_id uuid not null,
  name text not null,
  token_prefix text not null,
  token_hash text not null, -- SHA-256: the token itself is nowhere stored
  created_by uuid,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, token_hash),
  foreign key (tenant_id, identity_provider_id) references identity_providers (tenant_id, id) on delete cascade
);
create index scim_tokens_provider on scim_tokens (tenant_id, identity_provider_id);

-- A person as their identity provider describes them. `id` is that of the person.
create table scim_users (
  id uuid not null default gen_random_uuid() references users on delete cascade,
  tenant_id uuid not null references tenants,
  identity_provider_id uuid not null,
  user_name text not null,
  external_id text,
  active boolean not null default true,
  attributes jsonb not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, identity_provider_id, external_id),
  foreign key (tenant_id, identity_provider_id) references identity_providers (tenant_id, id) on delete cascade
);
create unique index scim_users_name on scim_users (tenant_id, identity_provider_id, lower(user_name));
create index scim_users_person on scim_users (id);

-- A group of such people. `role_id` is a role of this tenant or a built-in one, as in user_roles; null: it gives none.
create table scim_groups (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  identity_provider_id uuid not null,
  display_name text not null,
  external_id text,
  role_id uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, identity_provider_id, external_id),
  foreign key (tenant_id, identity_provider_id) references identity_providers (tenant_id, id) on delete cascade
);
create unique index scim_groups_name on scim_groups (tenant_id, identity_provider_id, lower(display_name));

create table scim_group_members (
  tenant_id uuid not null references tenants,
  group_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, group_id, user_id),
  foreign key (tenant_id, group_id) references scim_groups (tenant_id, id) on delete cascade,
  foreign key (tenant_id, user_id) references scim_users (tenant_id, id) on delete cascade
);
create index scim_group_members_user on scim_group_members (tenant_id, user_id);

call isolate_tenant_tables('scim_tokens', 'scim_users', 'scim_groups', 'scim_group_members');
call let_tenant_rows_be_erased('scim_tokens', 'scim_users', 'scim_groups', 'scim_group_members');
grant select, insert, update, delete on scim_tokens, scim_users, scim_groups, scim_group_members to eufm_app;

-- By whom a member has a role: given by hand, or by nothing but groups. What both give is by hand.
alter table user_roles add source text not null default 'hand' check (source in ('hand', 'group'));

-- A tenant sees, makes and ends the people of its own identity providers, also those who have no role in it.
create policy home_of_tenant on users to eufm_app
  using (home_tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
  with check (home_tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy only_own_people_are_deleted on users as restrictive for delete to eufm_app
  using (home_tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant delete on users to eufm_app;
-- The tenant is asked of the person too: how somebody else signs in is not its to say.
create policy home_of_tenant on identities to eufm_app
  using (home_tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
  with check (home_tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
    and exists (select from users where users.id = identities.user_id
      and users.home_tenant_id = identities.home_tenant_id));
create policy home_of_tenant on sessions to eufm_app
  using (home_tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
  with check (false);

-- Ends a transaction with an SQLSTATE of ours, when what it has done must not stay.
create function refuse_when(is_so boolean, state text) returns boolean language plpgsql as $$
begin
  if is_so then
    raise exception 'refused' using errcode = state;
  end if;
  return false;
end $$;
