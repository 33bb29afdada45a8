revoke select on rate_limits from eufm_ledger;

drop table budget_threshold_events;

alter table budgets
  drop constraint budgets_thresholds_check,
  alter thresholds set default '{}';

alter table rate_limits
  drop constraint rate_limits_max_check, -- a limit of concurrency alone stays, as one that limits nothing
  drop constraint rate_limits_strategy_check,
  drop queue_ms,
  drop max_concurrent,
  drop api_key_id,
  drop name;

alter table tenants drop time_zone;
