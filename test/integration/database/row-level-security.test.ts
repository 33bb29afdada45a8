import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstIdAt } from '../../../shared/domain/usage/request-id-time.ts';
import { createTestDatabase } from '../../harness/postgres.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await database?.close();
});

/** Ids of a day that no partition has been made for. */
const DISTANT = [firstIdAt(Date.UTC(2099, 0, 1)), firstIdAt(Date.UTC(2099, 0, 2))] as const;

/** Tables whose rows are a tenant's. */
const TENANT_TABLES = `
  select pg_class.oid, relname, relrowsecurity, relforcerowsecurity from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and (
    relname in ('tenants', 'users', 'identities', 'verified_domains')
    or exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'tenant_id' and not attisdropped))`;

const WORKER_ROLES = `select oid, rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
  from pg_roles where rolname in ('eufm_app', 'eufm_ledger')`;

/** Each finds violations of one rule. */
const T2_RULES = {
  'row-level security is forced': `
    select relname from (${TENANT_TABLES}) as tenant_table where not (relrowsecurity and relforcerowsecurity)`,
  'the gateway reaches no table without it, but for what is the same for everybody': `
    select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not (relrowsecurity and relforcerowsecurity)
      and has_table_privilege('eufm_app', oid, 'select, insert, update, delete')
      and relname not in ('audit_keys', 'permissions', 'plans', 'price_versions', 'prices')`,
  'a policy with USING and WITH CHECK names the tenant': `
    select relname from (${TENANT_TABLES}) as tenant_table where not exists (
      select from pg_policies where schemaname = 'public' and tablename = relname and permissive = 'PERMISSIVE'
        and cmd = 'ALL' and roles = '{public}' and qual = with_check
        and (qual like '%current_setting(''app.tenant''%' or qual like '%FROM user_roles%'))`,
  'no policy lets a row be written that it does not check': `
    select tablename || '.' || policyname from pg_policies where cmd not in ('SELECT', 'DELETE') and with_check is null`,
  'a policy for everyone or for a role of the Workers is bound to the tenant, or to who asks': `
    select tablename || '.' || policyname from pg_policies
    where permissive = 'PERMISSIVE' and roles && '{public,eufm_app,eufm_ledger}'
      and not qual like any (array['%current_setting(''app.tenant''%', '%current_setting(''app.user''%',
        '%current_setting(''app.session''%', '%current_setting(''app.issuer''%', '%current_setting(''app.domain''%',
        '%FROM user_roles%'])
      and (tablename, policyname, cmd, roles) not in (('tenants', 'ledger_finds_unpublished', 'SELECT', '{eufm_ledger}'),
        ('audit_pending', 'ledger_finds_pending', 'SELECT', '{eufm_ledger}'),
        ('audit_log_destinations', 'ledger_finds_due', 'SELECT', '{eufm_ledger}'),
        ('webhook_deliveries', 'ledger_finds_due', 'SELECT', '{eufm_ledger}'),
        ('tenant_dead_letters', 'ledger_finds_replays', 'SELECT', '{eufm_ledger}'),
        ('dead_letters', 'platform_keeps', 'ALL', '{eufm_ledger}'))`,
  'the roles of the Workers own nothing': `
    select rolname || ': ' || classid::regclass from pg_shdepend join (${WORKER_ROLES}) as worker on worker.oid = refobjid
    where deptype = 'o'`,
  'the roles of the Workers have no special right and belong to no role': `
    select rolname from (${WORKER_ROLES}) as worker
    where rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
      or exists (select from pg_auth_members where member = worker.oid)`,
  'a partition is reached through its table only: it grants nothing': `
    select relname from pg_class where relnamespace = 'public'::regnamespace and relispartition and relkind in ('r', 'p')
      and exists (select from aclexplode(relacl) where grantee <> relowner)`,
  'the ledger deletes only what is due to be erased, what rolls off, and what is sealed': `
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and has_table_privilege('eufm_ledger', oid, 'delete')
      and relname not in ('requests', 'request_events', 'usage_aggregates', 'outcome_aggregates', 'audit_pending')
      and not exists (select from pg_policies where schemaname = 'public' and tablename = relname
        and policyname = 'erasure_is_due' and '{eufm_ledger}' = roles and cmd in ('DELETE', 'ALL')
        and qual like '%''deleting''%' and qual like '%erase_after <= now()%')`,
  'there is no view, and no routine with the rights of its owner': `
    select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
    union all select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef`,
};

const T4_RULES = {
  'every unique key of a tenant table begins with tenant_id': `
    select indexrelid::regclass::text from pg_index join (${TENANT_TABLES}) as tenant_table on oid = indrelid
    where indisunique and relname not in ('tenants', 'users', 'identities')
      and indexrelid::regclass::text <> 'verified_domains_pkey' -- decision 12
      and indkey[0] is distinct from (select attnum from pg_attribute where attrelid = indrelid and attname = 'tenant_id')`,
  'every reference between tenant tables begins with tenant_id on both sides': `
    select conname from pg_constraint
    join pg_attribute as mine on mine.attrelid = conrelid and mine.attname in ('tenant_id', 'holder_id')
    join pg_attribute as theirs on theirs.attrelid = confrelid and theirs.attname = 'tenant_id'
    where contype = 'f' and (conkey[1], confkey[1]) <> (mine.attnum, theirs.attnum)`,
};

describe('T2: the catalogue', () => {
  it('has partitions to look at', async () => {
    expect(
      await find(`select relname from (${TENANT_TABLES}) as tenant_table where relname ~ '^requests_\\d{8}$'`),
    ).toHaveLength(3);
  });

  it.each(Object.entries(T2_RULES))('%s', async (_, violations) => {
    expect(await find(violations)).toEqual([]);
  });

  it.each([
    ['row-level security is forced', 'alter table budgets no force row level security', 'budgets'],
    ['row-level security is forced', 'create table surprise (tenant_id uuid)', 'surprise'],
    [
      'the gateway reaches no table without it, but for what is the same for everybody',
      'alter table sessions no force row level security',
      'sessions',
    ],
    [
      'the gateway reaches no table without it, but for what is the same for everybody',
      'create table surprise (user_id uuid); grant select on surprise to eufm_app',
      'surprise',
    ],
    ['a policy with USING and WITH CHECK names the tenant', 'drop policy tenant_isolation on budgets', 'budgets'],
    [
      'row-level security is forced',
      `create table requests_surprise partition of requests for values from ('${DISTANT[0]}') to ('${DISTANT[1]}')`,
      'requests_surprise',
    ],
    [
      'a partition is reached through its table only: it grants nothing',
      'grant select on requests_default to eufm_app',
      'requests_default',
    ],
    [
      'the roles of the Workers own nothing',
      'alter table requests_default owner to eufm_ledger',
      'eufm_ledger: pg_class',
    ],
    [
      'no policy lets a row be written that it does not check',
      'create policy open on budgets using (true)',
      'budgets.open',
    ],
    [
      'a policy for everyone or for a role of the Workers is bound to the tenant, or to who asks',
      'create policy open on budgets for select to eufm_app using (true)',
      'budgets.open',
    ],
    [
      'the ledger deletes only what is due to be erased, what rolls off, and what is sealed',
      'drop policy erasure_is_due on audit_logs',
      'audit_logs',
    ],
    ['the roles of the Workers own nothing', 'alter table plans owner to eufm_app', 'eufm_app: pg_class'],
    [
      'the roles of the Workers have no special right and belong to no role',
      'alter role eufm_app bypassrls',
      'eufm_app',
    ],
    ['the roles of the Workers have no special right and belong to no role', 'grant postgres to eufm_app', 'eufm_app'],
    [
      'there is no view, and no routine with the rights of its owner',
      'create view everything as select * from budgets',
      'everything',
    ],
    [
      'there is no view, and no routine with the rights of its owner',
      "create function all_budgets() returns bigint security definer language sql as 'select count(*) from budgets'",
      'all_budgets',
    ],
  ] as const)('control: "%s" notices "%s"', async (rule, change, violation) => {
    expect(await findAfter(change, T2_RULES[rule])).toContain(violation);
  });
});

describe('T4: the catalogue', () => {
  it.each(Object.entries(T4_RULES))('%s', async (_, violations) => {
    expect(await find(violations)).toEqual([]);
  });

  it.each([
    [
      'every unique key of a tenant table begins with tenant_id',
      'create unique index everywhere on budgets (name)',
      'everywhere',
    ],
    [
      'every unique key of a tenant table begins with tenant_id',
      'create unique index everywhere on verified_domains (challenge)',
      'everywhere',
    ],
    [
      'every reference between tenant tables begins with tenant_id on both sides',
      `create unique index on budgets (id);
       alter table alerts add budget_id uuid, add constraint anyones foreign key (budget_id) references budgets (id)`,
      'anyones',
    ],
  ] as const)('control: "%s" notices "%s"', async (rule, change, violation) => {
    expect(await findAfter(change, T4_RULES[rule])).toContain(violation);
  });
});

async function find(violations: string): Promise<unknown[]> {
  const { rows } = await client.query<unknown[]>({ text: violations, rowMode: 'array' });
  return rows.flat();
}

async function findAfter(change: string, violations: string): Promise<unknown[]> {
  await client.query(`begin; ${change}`);
  const found = await find(violations);
  await client.query('rollback');
  return found;
}
