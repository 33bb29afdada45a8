drop index api_keys_name, api_keys_environment;

-- Names become unique again: one that another key of the tenant has too gets its key's prefix and id.
alter table api_keys no force row level security;
update api_keys set name = name || ' (' || key_prefix || ' ' || id || ')'
  where exists (select from api_keys as other
    where (other.tenant_id, other.name) = (api_keys.tenant_id, api_keys.name) and other.id > api_keys.id);
alter table api_keys force row level security;

alter table api_keys
  add constraint api_keys_tenant_id_name_key unique (tenant_id, name),
  drop successor_id,
  drop rotated_from,
  drop models,
  drop ip_allow_list;
