revoke select (role_id, permission_id) on role_permissions from eufm_ledger;
revoke select (id, status) on users from eufm_ledger;
grant insert, update, delete on tasks, task_executions to eufm_app;
revoke select, insert, update on tasks, task_executions from eufm_ledger;
-- The ledger's right to find and erase rows, which the line above took as well.
grant select (tenant_id, ctid) on tasks, task_executions to eufm_ledger;

alter table task_executions
  drop number,
  drop request_id,
  drop error_code,
  drop cost_usd,
  drop is_estimated,
  drop is_counted;
drop index tasks_batch;
drop index tasks_newest;
alter table tasks
  drop revision,
  drop api_key_id,
  drop user_id,
  drop batch_id,
  drop task_type,
  drop metadata,
  drop trace_id,
  drop execute_at,
  drop deadline_at,
  drop max_attempts,
  drop cost_usd,
  drop error_code,
  drop error_detail,
  drop ended_at,
  drop updated_at;
