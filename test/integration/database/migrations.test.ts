import { is, SQL } from 'drizzle-orm';
import { getTableConfig, type PgColumn, PgDialect } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, rollback } from '../../../scripts/db/migrate.ts';
import { startTestServer, type TestServer } from '../../harness/postgres.ts';
import { columnsOf, describeSchema, TABLES, toSnakeCase } from './catalogue.ts';

let server: TestServer;
let databaseUrl: string;
let client: pg.Client;

beforeAll(async () => {
  server = await startTestServer();
  databaseUrl = await server.createEmptyDatabase();
  client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await server.close();
});

describe('migrations', () => {
  it('go up, all the way down and up again to the same schema', async () => {
    const applied = await migrate({ databaseUrl });
    const first = await describeSchema(client);
    expect(applied.length).toBeGreaterThan(0);
    expect(first.length).toBeGreaterThan(500);

    expect(await rollback({ databaseUrl, steps: Number.POSITIVE_INFINITY })).toEqual(applied.toReversed());
    expect(await describeSchema(client)).toEqual([]);

    expect(await migrate({ databaseUrl })).toEqual(applied);
    expect(await describeSchema(client)).toEqual(first);
  });

  it.each([
    'alter table budgets alter column hard_stop set default false',
    'alter table budgets alter column amount_usd type numeric(12, 6)',
    'alter table budgets drop constraint budgets_period_check',
    'drop index requests_newest',
    'drop policy tenant_isolation on budgets',
    'alter table budgets no force row level security',
    'grant delete on audit_logs to eufm_app',
    'grant update (plan) on tenants to eufm_ledger',
    'drop trigger delete_role_assignments on roles',
    'alter table ledger_postings enable trigger append_only',
    'alter table requests detach partition requests_default',
    'alter table requests_default no force row level security',
    'grant select on requests_default to eufm_app',
    'create view every_budget as select * from budgets',
  ])('control: the comparison notices "%s"', async (change) => {
    await migrate({ databaseUrl });
    const before = await describeSchema(client);
    await client.query(`begin; ${change}`);
    const after = await describeSchema(client);
    await client.query('rollback');
    expect(after).not.toEqual(before);
    expect(await describeSchema(client)).toEqual(before);
  });

  it('go down and up one at a time', async () => {
    const applied = await migrate({ databaseUrl });
    expect(applied).toEqual([]);
    const before = await describeSchema(client);
    const [undone] = await rollback({ databaseUrl });
    expect(await describeSchema(client)).not.toEqual(before);
    expect(await migrate({ databaseUrl })).toEqual([undone]);
    expect(await describeSchema(client)).toEqual(before);
  });

  it('are applied once by any number of runners at the same time', async () => {
    const fresh = await server.createEmptyDatabase();
    const runs = await Promise.all(
      Array.from({ length: 5 }, () => migrate({ databaseUrl: fresh, appPassword: 'same' })),
    );
    const applied = runs.flat().sort();
    expect(applied).toEqual([...new Set(applied)]);
    expect(applied.length).toBeGreaterThan(0);
  });

  it('refuse to go on when an applied one was edited', async () => {
    await migrate({ databaseUrl });
    await client.query(`update schema_migrations set checksum = 'edited' where name like '0002%'`);
    await expect(migrate({ databaseUrl })).rejects.toThrow('0002_identity was edited');
  });
});

describe('the contract', () => {
  it('has every table with every column', async () => {
    const missing: string[] = [];
    for (const [table, columns] of Object.entries(CONTRACT)) {
      const { rows } = await client.query<{ name: string }>(
        `select attname as name from pg_attribute where attrelid = to_regclass($1) and attnum > 0`,
        [table],
      );
      const names = new Set(rows.map(({ name }) => name));
      for (const column of `${columns} created_at`.split(' '))
        if (!names.has(column)) missing.push(`${table}.${column}`);
    }
    expect(missing).toEqual([]);
  });

  it.each([
    ['tasks by tenant and status', 'tasks', '(tenant_id, status, '],
    ['requests by tenant and newest first', 'requests', '(tenant_id, created_at DESC'],
    ['requests by tenant, provider and newest first', 'requests', '(tenant_id, provider, created_at DESC'],
    ['audit by tenant and newest first', 'audit_logs', '(tenant_id, created_at DESC'],
    ['keys by tenant and last use', 'api_keys', '(tenant_id, last_used_at DESC'],
  ])('has an index for %s', async (_, table, columns) => {
    const { rows } = await client.query<{ indexdef: string }>('select indexdef from pg_indexes where tablename = $1', [
      table,
    ]);
    expect(rows.map(({ indexdef }) => indexdef)).toContainEqual(expect.stringContaining(columns));
  });

  it("takes one e-mail address for one person's, whatever its case", async () => {
    await client.query(`insert into users (email, name) values ('Ada@example.test', 'Ada')`);
    await expect(client.query(`insert into users (email, name) values ('ada@EXAMPLE.test', 'Eve')`)).rejects.toThrow(
      'users_email_key',
    );
  });
});

describe('drizzle schema', () => {
  beforeAll(async () => {
    databaseUrl = await server.createEmptyDatabase();
    await migrate({ databaseUrl });
    await client.end();
    client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
  });

  it('has the columns of the migrations: names, types, nullability, defaults', async () => {
    expect(await drizzleColumns()).toEqual(await databaseColumns());
  });

  it('has the primary keys of the migrations', async () => {
    const { rows } = await client.query<{ table: string; columns: string[] }>(`
      select relname as table, array_agg(attname::text order by ordinality) as columns
      from pg_constraint join pg_class on pg_class.oid = conrelid, unnest(conkey) with ordinality as key
      join pg_attribute on attnum = key 
      where relnamespace = 'public'::regnamespace and attrelid = conrelid and contype = 'p' and relname <> 'schema_migrations'
        and not relispartition
      group by relname`);
    const expected = Object.fromEntries(rows.map(({ table, columns }) => [table, columns]));
    const declared = TABLES.map((table) => {
      const { name, primaryKeys, columns } = getTableConfig(table);
      const composite = primaryKeys.flatMap((key) => key.columns);
      const names = (composite.length > 0 ? composite : columns.filter(({ primary }) => primary)).map((column) =>
        toSnakeCase(column.name),
      );
      return [name, names] as const;
    });
    expect(Object.fromEntries(declared.filter(([, names]) => names.length > 0))).toEqual(expected);
  });

  it('allows the values that the database allows', async () => {
    const { rows } = await client.query<{ table: string; definition: string }>(`
      select relname as table, pg_get_constraintdef(pg_constraint.oid) as definition
      from pg_constraint join pg_class on pg_class.oid = conrelid
      where contype = 'c' and not relispartition`);
    const enforced = rows.flatMap(({ table, definition }) => {
      const column = /\((\w+) = (?:ANY|')/.exec(definition)?.[1];
      return column ? [`${table}.${column}: ${[...definition.matchAll(/'([^']+)'/g)].map(([, value]) => value)}`] : [];
    });
    const declared = TABLES.flatMap((table) =>
      columnsOf(table).flatMap(({ name, column }) =>
        column.enumValues ? [`${getTableConfig(table).name}.${name}: ${column.enumValues}`] : [],
      ),
    );
    expect(declared.length).toBeGreaterThan(15);
    expect(declared.sort()).toEqual(enforced.sort());
  });

  it('control: the comparison notices a column that drizzle does not know', async () => {
    await client.query('begin; alter table budgets add column surprise text');
    const actual = await databaseColumns();
    await client.query('rollback');
    expect(await drizzleColumns()).not.toEqual(actual);
  });
});

/** Columns that the contract names, besides created_at. */
const CONTRACT = {
  tenants: 'id name slug plan region',
  environments: 'id tenant_id name type',
  users: 'id email name status updated_at',
  identities: 'id user_id provider subject',
  roles: 'id tenant_id name description',
  permissions: 'id name description',
  role_permissions: 'role_id permission_id',
  user_roles: 'tenant_id user_id role_id',
  api_keys: 'id tenant_id environment_id name key_prefix key_hash scopes last_used_at created_by',
  secrets: 'id tenant_id name encrypted_value created_by',
  provider_accounts: 'id tenant_id provider account_label encrypted_credentials meta',
  routing_policies: 'id tenant_id name strategy enabled',
  agents: 'id tenant_id name type config',
  agent_versions: 'id tenant_id agent_id version config',
  workflows: 'id tenant_id name version definition',
  tasks: 'id tenant_id environment_id workflow_id agent_id input status priority',
  task_executions: 'id tenant_id task_id started_at ended_at status trace_id logs_uri',
  requests:
    'id tenant_id environment_id task_id provider model status latency_ms input_token_count output_token_count cost_usd',
  request_events: 'id tenant_id request_id ts type payload',
  usage_aggregates: 'id tenant_id period_start period_end unit value cost_usd',
  audit_logs: 'id tenant_id actor_user_id actor_api_key_id action target_type target_id ip user_agent metadata',
  alerts: 'id tenant_id name condition channel enabled',
  alert_events: 'id tenant_id alert_id triggered_at status payload',
  webhooks: 'id tenant_id url secret events enabled',
  webhook_deliveries: 'id tenant_id webhook_id event_type status attempt response_code error_message sent_at',
  billing_customers: 'id tenant_id provider external_customer_id',
  subscriptions: 'id tenant_id plan status current_period_end usage_quota',
  rate_limits: 'id tenant_id environment_id window_seconds max_requests max_tokens strategy',
  budgets: 'id tenant_id name amount_usd period scope hard_stop thresholds',
  data_residency_policies: 'id tenant_id region enforced',
};

type Columns = Record<string, { type: string; notNull: boolean; default: string | null }>;

async function databaseColumns(): Promise<Columns> {
  const { rows } = await client.query<{ key: string; type: string; notNull: boolean; default: string | null }>(`
    select relname || '.' || attname as key, format_type(atttypid, atttypmod) as type, attnotnull as "notNull",
      pg_get_expr(adbin, adrelid) as default
    from pg_attribute join pg_class on pg_class.oid = attrelid
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and attnum > 0
      and not attisdropped and relname <> 'schema_migrations'`);
  const columns: Columns = {};
  for (const { key, default: expression, ...column } of rows) {
    columns[key] = { ...column, default: expression === null ? null : await literal(expression) };
  }
  return columns;
}

/** A constant default's value; a call's own text. */
async function literal(expression: string): Promise<string> {
  if (expression.endsWith(')')) return expression;
  const { rows } = await client.query<{ value: string }>(`select (${expression})::text as value`);
  return rows[0]?.value ?? '';
}

async function drizzleColumns(): Promise<Columns> {
  const columns: Columns = {};
  for (const table of TABLES) {
    for (const { name, column } of columnsOf(table)) {
      columns[`${getTableConfig(table).name}.${name}`] = {
        type: column.getSQLType().replace(', ', ','),
        notNull: column.notNull,
        default: defaultOf(column),
      };
    }
  }
  return columns;
}

function defaultOf(column: PgColumn): string | null {
  if (column.default === undefined) return null;
  if (is(column.default, SQL)) return new PgDialect().sqlToQuery(column.default).sql;
  return String(column.mapToDriverValue(column.default));
}
