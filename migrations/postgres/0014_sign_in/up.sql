-- Signing in: sessions, the identity providers of tenants, and what a person may see who acts for no tenant.
--
-- A transaction of a person names them in app.user. One that signs somebody in knows no more than app.issuer and
-- app.subject, one that is asked by a session no more than its hash, app.session.

-- Who was brought by a tenant's own identity provider is that tenant's, and apart from everybody else: what such a
-- provider says of a subject or an e-mail address means nothing outside.
alter table users
  add home_tenant_id uuid references tenants,
  add email_verified boolean not null default false;
drop index users_email_key;
create unique index users_email_key on users (home_tenant_id, lower(email)) nulls not distinct;

alter table identities
  add home_tenant_id uuid references tenants,
  drop constraint identities_provider_issuer_subject_key,
  add unique nulls not distinct (home_tenant_id, provider, issuer, subject);

create policy own_account on users
  using (id = nullif(current_setting('app.user', true), '')::uuid)
  with check (id = nullif(current_setting('app.user', true), '')::uuid);
create policy own_identities on identities
  using (user_id = nullif(current_setting('app.user', true), '')::uuid)
  with check (user_id = nullif(current_setting('app.user', true), '')::uuid);
create policy found_by_subject on identities for select
  using (issuer = nullif(current_setting('app.issuer', true), '')
    and subject = nullif(current_setting('app.subject', true), ''));

create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users on delete cascade,
  token_hash text not null unique, -- SHA-256; the token itself is in a cookie only
  rights text not null, -- fingerprint of what the person could do when the token was given out
  issuer text not null,
  subject text not null,
  sid text, -- the session at the identity provider
  home_tenant_id uuid references tenants, -- the only tenant that it is for
  home_environment_id uuid, -- the only environment
  ip text,
  user_agent text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now()
);
create index sessions_user on sessions (user_id);
create index sessions_issuer on sessions (issuer, subject);
alter table sessions enable row level security, force row level security;
create policy own_sessions on sessions
  using (user_id = nullif(current_setting('app.user', true), '')::uuid)
  with check (user_id = nullif(current_setting('app.user', true), '')::uuid);
create policy found_by_token on sessions for select
  using (token_hash = nullif(current_setting('app.session', true), ''));
create policy found_by_issuer on sessions for select
  using (issuer = nullif(current_setting('app.issuer', true), '')
    and (subject = nullif(current_setting('app.subject', true), '') or sid = nullif(current_setting('app.sid', true), '')));
grant select, insert, update, delete on sessions to eufm_app;

-- A logout token is taken once.
create table used_logout_tokens (
  issuer text not null,
  jti text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (issuer, jti)
);
alter table used_logout_tokens enable row level security, force row level security;
create policy of_issuer on used_logout_tokens
  using (issuer = nullif(current_setting('app.issuer', true), ''))
  with check (issuer = nullif(current_setting('app.issuer', true), ''));
grant select, insert, delete on used_logout_tokens to eufm_app;

create table identity_providers (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  environment_id uuid, -- null: for every environment
  name text not null,
  issuer text not null,
  client_id text not null,
  encrypted_client_secret text, -- null: a public client
  email_domains text[] not null default '{}', -- empty: any
  default_role_id uuid, -- of who signs in for the first time; null: somebody has to give them a role
  enabled boolean not null default true,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name),
  unique (tenant_id, issuer),
  foreign key (tenant_id, environment_id) references environments (tenant_id, id)
);
call isolate_tenant_tables('identity_providers');
grant select, insert, update, delete on identity_providers to eufm_app;
