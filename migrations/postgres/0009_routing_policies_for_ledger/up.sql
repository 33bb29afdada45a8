-- The ledger publishes tenants' configuration, of which routing policies are part.
grant select on routing_policies to eufm_ledger;
