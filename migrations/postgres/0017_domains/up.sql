-- Domains of e-mail addresses: whoever signs in with a verified address of a tenant's domain may join it by themselves.

create table domains (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  name text not null, -- ASCII, lower case
  challenge text not null, -- what the TXT record has to say
  default_role_id uuid, -- of who joins; null: nobody does
  verified_at timestamptz, -- when it was last proven after not being so; null: it is not
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
call isolate_tenant_tables('domains');
grant select, insert, update, delete on domains to eufm_app;
grant select, update (verified_at) on domains to eufm_ledger;

-- Which tenant of the region holds a domain. Its key spans tenants, as that of no other table that is theirs: a row is
-- written only after the domain's DNS has proven it, and then what a refusal tells is public there (decision 12).
create table verified_domains (
  name text primary key,
  holder_id uuid not null,
  domain_id uuid not null,
  challenge text not null, -- as in domains: while the record says it, no other tenant takes the domain over
  seen_at timestamptz not null default now(), -- when the record was last there
  lapsed_at timestamptz, -- when it had been gone for too long: nobody holds the domain
  foreign key (holder_id, domain_id) references domains (tenant_id, id) on delete cascade
);
create index verified_domains_holder on verified_domains (holder_id, domain_id);
alter table verified_domains enable row level security, force row level security;
create policy tenant_isolation on verified_domains
  using (holder_id = nullif(current_setting('app.tenant', true), '')::uuid)
  with check (holder_id = nullif(current_setting('app.tenant', true), '')::uuid);
-- A transaction that names a domain in app.domain, for somebody who proved to be of it, sees who holds it; a tenant that
-- proved to have it takes it over.
create policy found_by_name on verified_domains for select to eufm_app
  using (name = nullif(current_setting('app.domain', true), ''));
create policy taken_over on verified_domains for update to eufm_app
  using (name = nullif(current_setting('app.domain', true), ''))
  with check (holder_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update on verified_domains to eufm_app;
grant select, update (seen_at, lapsed_at) on verified_domains to eufm_ledger;

-- Who left a tenant or was removed from it. A domain does not bring them back; an invitation does.
create table former_members (
  tenant_id uuid not null references tenants,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, user_id)
);
call isolate_tenant_tables('former_members');
grant select, insert on former_members to eufm_app;

call let_tenant_rows_be_erased('domains', 'former_members');
