-- A message that was given up goes with the tenant that it names, and with nothing else: what it carries is the tenant's.
alter table dead_letters enable row level security;
create policy platform_keeps on dead_letters to eufm_ledger using (true) with check (true);
grant delete on dead_letters to eufm_ledger;
create policy erasure_is_due on dead_letters as restrictive for delete to eufm_ledger
  using (exists (select from tenants where tenants.id::text = dead_letters.subject_tenant
    and tenants.status = 'deleting' and tenants.erase_after <= now()));
