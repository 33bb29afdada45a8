drop policy erasure_is_due on dead_letters;
revoke delete on dead_letters from eufm_ledger;
drop policy platform_keeps on dead_letters;
alter table dead_letters disable row level security;
