-- Tenants that people make and end, the people whom they invite, and what a person may see of tenants of theirs.

alter table tenants
  add erase_after timestamptz, -- when a tenant that is being deleted ends for good
  drop constraint tenants_status_check,
  add constraint tenants_status_check check (status in ('active', 'suspended', 'deleting', 'erased')),
  add constraint tenants_erase_after_check check ((erase_after is null) = (status <> 'deleting'));
create index tenants_to_erase on tenants (erase_after) where status = 'deleting';

create table invitations (
  id uuid not null default gen_random_uuid(),
  tenant_id uuid not null references tenants,
  email text not null,
  role_ids uuid[] not null default '{}',
  token_hash text not null, -- SHA-256: the token itself is nowhere stored
  invited_by uuid,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, token_hash)
);
call isolate_tenant_tables('invitations');
grant select, insert, update on invitations to eufm_app;

-- As before, but not for reading: roles' policies below ask user_roles, whose own must then not ask roles.
drop policy role_is_visible on user_roles;
create policy role_is_visible on user_roles as restrictive for insert
  with check (exists (select from roles where roles.id = role_id));
create policy role_stays_visible on user_roles as restrictive for update
  using (true) with check (exists (select from roles where roles.id = role_id));

-- A person sees which tenants they belong to, and as what; app.user is who asks, where no tenant is named.
create policy own_membership on user_roles for select to eufm_app
  using (user_id = nullif(current_setting('app.user', true), '')::uuid);
create policy member_sees_tenant on tenants for select to eufm_app
  using (exists (select from user_roles where user_roles.tenant_id = tenants.id
    and user_roles.user_id = nullif(current_setting('app.user', true), '')::uuid));
create policy member_sees_role on roles for select to eufm_app
  using (exists (select from user_roles where user_roles.role_id = roles.id
    and user_roles.tenant_id = coalesce(roles.tenant_id, user_roles.tenant_id)
    and user_roles.user_id = nullif(current_setting('app.user', true), '')::uuid));
create policy member_sees_rights on role_permissions for select to eufm_app
  using (exists (select from user_roles where user_roles.role_id = role_permissions.role_id
    and user_roles.tenant_id = coalesce(role_permissions.tenant_id, user_roles.tenant_id)
    and user_roles.user_id = nullif(current_setting('app.user', true), '')::uuid));

-- The ledger erases a tenant whose time is over. Until then the database refuses it every row of every table; afterwards
-- nothing is left but the tenant's id and the ledger of its money, which has amounts and ids alone. A table that is added later calls this procedure too.
create procedure let_tenant_rows_be_erased(variadic names text[]) language plpgsql as $$
declare
  name text;
begin
  foreach name in array names loop
    execute format('grant select (tenant_id, ctid), delete on %I to eufm_ledger', name);
    execute format(
      'create policy erasure_is_due on %1$I as restrictive for delete to eufm_ledger
         using (exists (select from tenants where tenants.id = %1$I.tenant_id
           and tenants.status = ''deleting'' and tenants.erase_after <= now()))', name);
  end loop;
end $$;
revoke all on procedure let_tenant_rows_be_erased from public;
do $$
declare
  names text[] := array(
    select relname from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and relkind = 'r' and attname = 'tenant_id' and not attisdropped
      and not relispartition
      -- What rolls off is the ledger's to delete at any time; the ledger of money is kept, and nobody deletes from it.
      and relname not in ('request_events', 'usage_aggregates', 'outcome_aggregates', 'ledger_postings'));
begin
  call let_tenant_rows_be_erased(variadic names);
end $$;
-- The trigger on roles asks for role_id, the policy on users for user_id.
grant select (user_id, role_id) on user_roles to eufm_ledger;
-- People whom the tenant's own identity provider brought go with it, and their identities and sessions with them.
grant select (home_tenant_id, ctid), delete on users to eufm_ledger;
create policy brought_by_tenant on users to eufm_ledger
  using (home_tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (false);
create policy erasure_is_due on users as restrictive for delete to eufm_ledger
  using (exists (select from tenants where tenants.id = users.home_tenant_id
    and tenants.status = 'deleting' and tenants.erase_after <= now()));
grant update (name, slug, status, erase_after, config_version, updated_at) on tenants to eufm_ledger;
