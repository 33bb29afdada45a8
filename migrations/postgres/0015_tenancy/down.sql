revoke update (name, slug, status, erase_after, config_version, updated_at) on tenants from eufm_ledger;
drop policy erasure_is_due on users;
drop policy brought_by_tenant on users;
revoke select (home_tenant_id, ctid), delete on users from eufm_ledger;
revoke select (user_id, role_id) on user_roles from eufm_ledger;
do $$
declare
  name text;
begin
  for name in select tablename from pg_policies where schemaname = 'public' and policyname = 'erasure_is_due' loop
    execute format('drop policy erasure_is_due on %I', name);
    execute format('revoke select (tenant_id, ctid), delete on %I from eufm_ledger', name);
  end loop;
end $$;
drop procedure let_tenant_rows_be_erased;

drop policy member_sees_rights on role_permissions;
drop policy member_sees_role on roles;
drop policy member_sees_tenant on tenants;
drop policy own_membership on user_roles;
drop policy role_stays_visible on user_roles;
drop policy role_is_visible on user_roles;
create policy role_is_visible on user_roles as restrictive
  using (true) with check (exists (select from roles where roles.id = role_id));

drop table invitations;

drop index tenants_to_erase;
-- A tenant that is being deleted, or is gone, stays refused.
update tenants set status = 'suspended', erase_after = null where status in ('deleting', 'erased');
alter table tenants
  drop constraint tenants_erase_after_check,
  drop constraint tenants_status_check,
  drop erase_after,
  add constraint tenants_status_check check (status in ('active', 'suspended'));
