drop table webhook_signing_secrets;
drop policy ledger_finds_due on webhook_deliveries;
drop index webhook_deliveries_due;
-- Callbacks belong to no webhook: without their tasks' ends they lead nowhere. The owner deletes those of every tenant.
alter table webhook_deliveries no force row level security;
delete from webhook_deliveries where webhook_id is null;
alter table webhook_deliveries force row level security;
alter table webhook_deliveries
  drop task_id,
  drop ended_at,
  drop url,
  drop endpoint,
  drop body,
  drop next_try_at,
  alter webhook_id set not null;
alter table tasks drop callback_url;
