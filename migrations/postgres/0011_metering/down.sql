alter table dead_letters drop replay_count, drop replayed_at;
drop table jobs;
drop table ledger_postings;
drop function refuse_change;
drop table outcome_aggregates;
drop index usage_aggregates_days;
drop function latency_bucket;
revoke delete on usage_aggregates, request_events from eufm_ledger;
alter table usage_aggregates no force row level security;
delete from usage_aggregates where period_end - period_start > interval '1 hour'; -- the older code sums every row
alter table usage_aggregates force row level security;

-- As many requests as there were, in one table again.
alter table request_events drop constraint request_events_tenant_id_request_id_fkey;
alter table requests drop attempts;
alter table requests rename to requests_by_day;
alter index requests_pkey rename to requests_by_day_pkey;
alter index requests_newest rename to requests_by_day_newest;
alter index requests_provider_newest rename to requests_by_day_provider_newest;
create table requests (like requests_by_day including defaults including constraints);
alter table requests
  add primary key (tenant_id, id),
  add constraint requests_tenant_id_fkey foreign key (tenant_id) references tenants;
create index requests_newest on requests (tenant_id, created_at desc, id desc);
create index requests_provider_newest on requests (tenant_id, provider, created_at desc, id desc);
alter table requests_by_day no force row level security;
insert into requests select * from requests_by_day;
drop table requests_by_day;
call isolate_tenant_tables('requests');
grant select on requests to eufm_app;
grant select, insert, update on requests to eufm_ledger;
alter table request_events
  add constraint request_events_tenant_id_request_id_fkey foreign key (tenant_id, request_id) references requests (tenant_id, id);

alter table plans drop hourly_retention_days, drop request_retention_days;
