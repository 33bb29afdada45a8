revoke select on routing_policies from eufm_ledger;
