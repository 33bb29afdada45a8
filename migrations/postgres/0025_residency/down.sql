drop index requests_outside_residency;
alter table requests
  drop residency,
  drop guarantee,
  drop endpoint_region,
  drop jurisdiction,
  drop colo;
alter table provider_accounts drop region;
revoke select on data_residency_policies from eufm_ledger;
grant select (tenant_id) on data_residency_policies to eufm_ledger; -- as every table of tenants has it
alter table data_residency_policies drop minimum_guarantee;
