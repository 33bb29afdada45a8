drop table tenant_dead_letters;
