drop table idempotent_effects;
