-- The audit log as a Merkle tree for each tenant (RFC 6962): an entry's bytes and hash are written with the entry, the ledger
-- numbers entries and signs what the tree has come to. docs/audit.md says what that proves.

-- RFC 8785: a number as ECMAScript writes it.
create function canonical_number(value numeric) returns text
language plpgsql immutable strict parallel safe set extra_float_digits = 1 as $$
declare
  number constant double precision := value;
  shortest numeric := trim_scale(number::text::numeric);
  step constant numeric := case scale(shortest)
    when 0 then rpad('10', 2 + length(substring(shortest::text from '0*$')), '0')::numeric
    else 10 * ('1e-' || scale(shortest))::numeric
  end;
  shorter numeric;
  digits text;
  exponent integer;
begin
  -- A text with a digit less, on the very edge of what is read as the number: ECMAScript takes it, Postgres does not.
  foreach shorter in array array[trunc(shortest / step) * step, (trunc(shortest / step) + sign(shortest)) * step] loop
    continue when value = 0 or abs(shorter) > 1.7976931348623157e308;
    if shorter::double precision = number then shortest := trim_scale(shorter); end if;
  end loop;
  if value = 0 or abs(shortest) >= 1e-6 and abs(shortest) < 1e21 then return shortest::text; end if;
  digits := trim('0' from replace(abs(shortest)::text, '.', ''));
  exponent := case when abs(shortest) >= 1 then length(trunc(abs(shortest))::text) - 1
    else 1 - length(substring(abs(shortest)::text from '^0\.0*')) end;
  return concat(case when shortest < 0 then '-' end, left(digits, 1), case when length(digits) > 1 then '.' end,
    substr(digits, 2), 'e', case when exponent > 0 then '+' end, exponent);
end $$;

-- RFC 8785: names in the order of their UTF-16 code units, in which what lies beyond U+FFFF comes before U+E000.
create function canonical_json(value jsonb) returns text language plpgsql immutable strict parallel safe as $$
begin
  return case jsonb_typeof(value)
    when 'object' then (
      select '{' || coalesce(string_agg(to_json(key)::text || ':' || canonical_json(child), ','
        order by regexp_replace(key, U&'([\E000-\FFFF])', U&'\+10FFFF\\1', 'g') collate "C"), '') || '}'
      from jsonb_each(value) as pair (key, child))
    when 'array' then (
      select '[' || coalesce(string_agg(canonical_json(child), ',' order by place), '') || ']'
      from jsonb_array_elements(value) with ordinality as item (child, place))
    when 'number' then canonical_number(value::numeric)
    else value::text
  end;
end $$;

alter table audit_logs
  add entry bytea, -- what is hashed and shown: the row as canonical JSON
  add leaf_hash bytea;

create function audit_entry(logged audit_logs) returns bytea language plpgsql stable as $$
begin
  return convert_to(canonical_json(jsonb_build_object(
    'version', 1, 'id', logged.id, 'tenantId', logged.tenant_id, 'action', logged.action, 'actorUserId', logged.actor_user_id,
    'actorApiKeyId', logged.actor_api_key_id, 'targetType', logged.target_type, 'targetId', logged.target_id, 'ip', host(logged.ip),
    'userAgent', logged.user_agent, 'metadata', logged.metadata,
    'createdAt', to_char(logged.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))), 'UTF8');
end $$;

-- Entries that no checkpoint covers yet. An entry's row goes with the checkpoint that covers it.
create table audit_pending (
  tenant_id uuid not null references tenants,
  entry_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, entry_id)
);

-- How many entries a tenant's tree has, and the first of them that was not rolled off.
create table audit_trees (
  tenant_id uuid not null references tenants,
  size bigint not null check (size >= 0),
  first bigint not null default 0 check (first between 0 and size),
  primary key (tenant_id)
);

-- Hashes of complete subtrees: of level 0 those of the entries, which stay when an entry is rolled off.
create table audit_nodes (
  tenant_id uuid not null references tenants,
  level smallint not null,
  position bigint not null,
  hash bytea not null,
  entry_id uuid, -- of level 0
  primary key (tenant_id, level, position),
  unique (tenant_id, entry_id)
);

-- Signed notes (https://c2sp.org/tlog-checkpoint); each was stored outside of the database before it stood here.
create table audit_checkpoints (
  tenant_id uuid not null references tenants,
  size bigint not null,
  note text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, size)
);

-- Public keys that checkpoints were signed by: the platform's own.
create table audit_keys (
  public_key text primary key, -- Ed25519, base64
  created_at timestamptz not null default now()
);
grant select on audit_keys to eufm_app, eufm_ledger;
grant insert on audit_keys to eufm_ledger;

-- What there is already is sealed too. Until the end of this migration the owner reads and writes every tenant's rows.
alter table audit_logs no force row level security;
update audit_logs set entry = audit_entry(audit_logs);
update audit_logs set leaf_hash = sha256('\x00'::bytea || entry);
insert into audit_pending (tenant_id, entry_id, created_at) select tenant_id, id, created_at from audit_logs;
alter table audit_logs force row level security;
alter table audit_logs alter entry set not null, alter leaf_hash set not null;

create function seal_audit_entry() returns trigger language plpgsql as $$
begin
  new.entry := audit_entry(new);
  new.leaf_hash := sha256('\x00'::bytea || new.entry);
  return new;
end $$;
create trigger seal before insert on audit_logs for each row execute function seal_audit_entry();

create function await_audit_seal() returns trigger language plpgsql as $$
begin
  insert into audit_pending (tenant_id, entry_id) values (new.tenant_id, new.id);
  return new;
end $$;
create trigger await_seal after insert on audit_logs for each row execute function await_audit_seal();

call isolate_tenant_tables('audit_pending', 'audit_trees', 'audit_nodes', 'audit_checkpoints');
grant select on audit_pending, audit_trees, audit_nodes, audit_checkpoints to eufm_app, eufm_ledger;
grant insert on audit_pending to eufm_app, eufm_ledger;
grant delete on audit_pending to eufm_ledger;
grant insert on audit_trees, audit_nodes, audit_checkpoints to eufm_ledger;
grant update (size, first) on audit_trees to eufm_ledger;
-- Which tenants have entries to seal: ids alone, of which the ledger goes on in the name of each tenant.
create policy ledger_finds_pending on audit_pending for select to eufm_ledger using (true);

-- Nothing of it is ever changed, by whomever.
create trigger append_only before update on audit_logs for each row execute function refuse_change();
create trigger append_only before update on audit_nodes for each row execute function refuse_change();
create trigger append_only before update on audit_checkpoints for each row execute function refuse_change();
alter table audit_logs enable always trigger append_only;
alter table audit_nodes enable always trigger append_only;
alter table audit_checkpoints enable always trigger append_only;

alter table plans add audit_retention_days integer not null default 365 check (audit_retention_days > 0);
update plans set audit_retention_days = case name
  when 'starter' then 365 when 'professional' then 730 else 2555 end;

-- Entries leave with their tenant, or when their plan no longer keeps them and a signed checkpoint covers them.
call let_tenant_rows_be_erased('audit_trees', 'audit_nodes', 'audit_checkpoints');
drop policy erasure_is_due on audit_logs;
create policy erasure_is_due on audit_logs as restrictive for delete to eufm_ledger
  using (exists (select from tenants where tenants.id = audit_logs.tenant_id
      and tenants.status = 'deleting' and tenants.erase_after <= now())
    or exists (
      select from audit_nodes
      join audit_checkpoints on audit_checkpoints.tenant_id = audit_nodes.tenant_id
        and audit_checkpoints.size > audit_nodes.position
      join tenants on tenants.id = audit_nodes.tenant_id
      join plans on plans.name = tenants.plan
      where audit_nodes.tenant_id = audit_logs.tenant_id and audit_nodes.entry_id = audit_logs.id
        and audit_logs.created_at < now() - make_interval(days => plans.audit_retention_days)));
