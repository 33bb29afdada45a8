-- API keys that are restricted, rotated and replaced.

alter table api_keys
  add ip_allow_list text[] check (cardinality(ip_allow_list) > 0), -- CIDRs; null: every address
  add models text[] check (cardinality(models) > 0), -- model, or provider/model; null: every model
  add rotated_from uuid, -- the key that this one replaces
  add successor_id uuid, -- the newest key that replaces this one, whose limits bind it too
  add foreign key (tenant_id, rotated_from) references api_keys (tenant_id, id),
  add foreign key (tenant_id, successor_id) references api_keys (tenant_id, id);

-- A key that was replaced shares its name with its successor, and the name of one that was revoked is free again.
alter table api_keys drop constraint api_keys_tenant_id_name_key;
create unique index api_keys_name on api_keys (tenant_id, name) where revoked_at is null and successor_id is null;
create index api_keys_successor on api_keys (tenant_id, successor_id) where successor_id is not null;
create index api_keys_environment on api_keys (tenant_id, environment_id, id);
