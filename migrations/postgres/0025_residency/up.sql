-- Where content goes: what a tenant wants, what its accounts say, and what every request's record tells.

alter table data_residency_policies
  add minimum_guarantee text not null default 'declared'
    check (minimum_guarantee in ('declared', 'documented', 'contractual'));

-- The ledger publishes tenants' configuration, of which residency policies are part.
grant select on data_residency_policies to eufm_ledger;

alter table provider_accounts
  add region text check (region in ('eu', 'us')); -- null: it says nothing of where it is

-- All null in records of before; a null endpoint_region beside a guarantee: anywhere.
alter table requests
  add colo text,
  add jurisdiction text check (jurisdiction in ('eu', 'us')),
  add endpoint_region text check (endpoint_region in ('eu', 'us')),
  add guarantee text check (guarantee in ('none', 'declared', 'documented', 'contractual')),
  add residency text check (residency in ('inside', 'outside', 'unrestricted'));

create index requests_outside_residency on requests (tenant_id, created_at desc, id desc) where residency = 'outside';
