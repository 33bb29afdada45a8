-- The tenant's own prices that a request was priced by, since their rows may change; null: those of its price version.
alter table requests add own_prices jsonb;
