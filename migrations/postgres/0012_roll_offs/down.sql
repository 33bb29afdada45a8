drop table roll_offs;
