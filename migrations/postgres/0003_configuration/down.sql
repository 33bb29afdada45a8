drop table prices, price_versions;
drop table data_residency_policies, budgets, rate_limits, routing_policies, provider_accounts;
