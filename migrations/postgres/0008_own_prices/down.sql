alter table requests drop own_prices;
