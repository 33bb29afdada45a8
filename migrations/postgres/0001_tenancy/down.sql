drop table environments, tenants, plans;
drop procedure isolate_tenant_tables;
