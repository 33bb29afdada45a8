drop policy erasure_is_due on audit_logs;
create policy erasure_is_due on audit_logs as restrictive for delete to eufm_ledger
  using (exists (select from tenants where tenants.id = audit_logs.tenant_id
    and tenants.status = 'deleting' and tenants.erase_after <= now()));
alter table plans drop audit_retention_days;
drop trigger append_only on audit_logs;
drop trigger seal on audit_logs;
drop trigger await_seal on audit_logs;
drop function seal_audit_entry, await_audit_seal;
drop table audit_keys, audit_checkpoints, audit_nodes, audit_trees, audit_pending;
drop function audit_entry;
alter table audit_logs drop leaf_hash, drop entry;
drop function canonical_json, canonical_number;
