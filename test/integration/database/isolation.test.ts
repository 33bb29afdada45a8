import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../harness/postgres.ts';
import { insertRow, insertRowsOf, TENANT_TABLES, type TenantTable } from './tenant-rows.ts';

const [ALICE, BOB, NOBODY] = [
  '00000000-0000-4000-8000-00000000000a',
  '00000000-0000-4000-8000-00000000000b',
  '00000000-0000-4000-8000-00000000000c',
];

/** What the ledger reads across tenants: which have a configuration to hand over, and which audit entries to seal. */
const LEDGER_FINDS = ['select tenants', 'select audit_pending'];

/** What is a person's own, and no tenant's. */
const PERSONAL = ['users', 'identities'];

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let app: pg.Client;
let ledger: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await connect(database.url);
  app = await connect(database.appUrl);
  ledger = await connect(database.ledgerUrl);
  await insertRowsOf(owner, ALICE);
  await insertRowsOf(owner, BOB);
});

afterAll(async () => {
  await Promise.all([owner, app, ledger].map((client) => client?.end()));
  await database?.close();
});

describe('T3: raw SQL as a role of the Workers', () => {
  const contexts = [
    { context: 'no', tenant: null },
    { context: 'an empty', tenant: '' },
    { context: "another tenant's", tenant: NOBODY },
    { context: 'a malformed', tenant: 'not-a-uuid' },
  ];

  it.each(contexts)('reaches no row with $context context, by any verb, on any table', async ({ tenant }) => {
    expect(TENANT_TABLES.length).toBe(52);
    expect(await breaches(app, tenant, [ALICE, BOB])).toEqual([]);
    expect(await breaches(ledger, tenant, [ALICE, BOB])).toEqual(LEDGER_FINDS);
  });

  it("reaches no row of another tenant with one's own context", async () => {
    expect(await breaches(app, ALICE, [BOB])).toEqual([]);
    expect(await breaches(ledger, ALICE, [BOB])).toEqual(LEDGER_FINDS);
  });

  it('control: with its own context a tenant is found on every table that its role may read', async () => {
    const found = await breaches(app, ALICE, [ALICE]);
    expect(found.filter((breach) => breach.startsWith('select'))).toEqual(
      TENANT_TABLES.map(({ name }) => `select ${name}`),
    );
  });

  it.each(['alter table budgets disable row level security', 'create policy leak on budgets using (true)'])(
    'control: "%s" is noticed',
    async (change) => {
      await owner.query(change);
      const found = await breaches(app, null, [ALICE]);
      await owner.query('alter table budgets enable row level security; drop policy if exists leak on budgets');
      expect(found).toEqual(['select budgets', 'update budgets', 'delete budgets', 'insert budgets', 'move budgets']);
      expect(await breaches(app, null, [ALICE])).toEqual([]);
    },
  );

  it('sees no tenant but their own with a person’s context, and changes none', async () => {
    const reached = async (user: string, victim: string) => {
      const tables = TENANT_TABLES.filter(({ name }) => !PERSONAL.includes(name));
      const found: string[] = [];
      for (const table of tables) {
        for (const [verb, statement] of attempts(table, [victim])) {
          const rows = await attempt(app, null, statement, user);
          if (rows !== 'refused' && rows > 0) found.push(`${verb} ${table.name}`);
        }
      }
      return found;
    };
    expect(await reached(NOBODY, ALICE)).toEqual([]);
    expect(await reached(ALICE, BOB)).toEqual([]);
    expect(await reached(ALICE, ALICE)).toEqual([
      ...['select tenants', 'select roles', 'select role_permissions', 'select user_roles'],
    ]);
  });

  it('shows built-in roles to every tenant, and lets none change them', async () => {
    const builtIn = (tenant: string | null, statement: string) => attempt(app, tenant, statement);
    expect(await builtIn(ALICE, 'select from roles where tenant_id is null')).toBe(7);
    expect(await builtIn(null, 'select from roles')).toBe(0);
    expect(await builtIn(ALICE, `update roles set name = 'god' where tenant_id is null`)).toBe(0);
    expect(await builtIn(ALICE, 'delete from role_permissions where tenant_id is null')).toBe(0);
    expect(await builtIn(ALICE, `insert into roles (name, description) values ('god', '')`)).toBe('refused');
  });
});

describe('T4: keys and references between tenants', () => {
  it.each(TENANT_TABLES.filter(({ owner }) => owner === 'tenant_id'))(
    'the same names and ids may be used in two tenants: $name',
    async (table) => {
      await owner.query('begin; set local session_replication_role = replica');
      const { rowCount } = await owner.query(insertRow(table, ALICE, { tenant_id: NOBODY }));
      await owner.query('rollback');
      expect(rowCount).toBe(1);
    },
  );

  it('a role of another tenant can be given no more than one that does not exist', async () => {
    const assign = (role: string) =>
      reason(
        app,
        ALICE,
        `insert into user_roles (tenant_id, user_id, role_id) values ('${ALICE}', '${ALICE}', '${role}')`,
      );
    const foreign = await assign(BOB);
    expect(foreign).toContain('row-level security');
    expect(await assign(NOBODY)).toBe(foreign);
  });

  it('an environment of another tenant can be referred to no more than one that does not exist', async () => {
    const insert = (environment: string) =>
      reason(
        app,
        ALICE,
        `insert into api_keys (tenant_id, environment_id, name, key_prefix, key_hash)
         values ('${ALICE}', '${environment}', 'new', 'p', 'h')`,
      );
    const foreign = await insert(BOB);
    expect(foreign).toContain('violates foreign key');
    expect(await insert(NOBODY)).toBe(foreign);
  });

  it('deleting a role takes its assignments along', async () => {
    await app.query('begin');
    await app.query(`select set_config('app.tenant', $1, true)`, [ALICE]);
    await app.query('delete from roles where id = $1', [ALICE]);
    const { rowCount } = await app.query('select from user_roles');
    await app.query('rollback');
    expect(rowCount).toBe(0);
  });
});

/** Verbs by which a role reached rows of the given tenants. Every attempt is rolled back. */
async function breaches(client: pg.Client, tenant: string | null, victims: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const table of TENANT_TABLES) {
    for (const [verb, statement] of attempts(table, victims)) {
      const rows = await attempt(client, tenant, statement);
      if (rows !== 'refused' && rows > 0) found.push(`${verb} ${table.name}`);
    }
  }
  return found;
}

function attempts(table: TenantTable, victims: readonly string[]): [string, string | pg.QueryConfig][] {
  const { name, owner } = table;
  const theirs = `${owner} in (${victims.map((id) => `'${id}'`)})`;
  // Names and id are new, so that nothing but row-level security or a missing grant can refuse the row.
  const fresh = Object.fromEntries(
    ['name', 'slug', 'email', 'key_hash', 'subject', 'model'].map((column) => [column, randomUUID()]),
  );
  return [
    ['select', `select from ${name} where ${theirs}`],
    ['update', `update ${name} set ${owner} = ${owner} where ${theirs}`],
    ['delete', `delete from ${name} where ${theirs}`],
    ['insert', insertRow(table, victims[0] ?? '', { ...fresh, id: randomUUID() })],
    ['move', `update ${name} set ${owner} = '${victims[0]}' where ${owner} <> '${victims[0]}'`],
  ];
}

async function attempt(
  client: pg.Client,
  tenant: string | null,
  statement: string | pg.QueryConfig,
  user: string | null = null,
) {
  await client.query('begin');
  try {
    if (user !== null) await client.query(`select set_config('app.user', $1, true)`, [user]);
    if (tenant !== null) await client.query(`select set_config('app.tenant', $1, true)`, [tenant]);
    return (await client.query(statement)).rowCount ?? 0;
  } catch {
    return 'refused';
  } finally {
    await client.query('rollback');
  }
}

async function reason(client: pg.Client, tenant: string, statement: string): Promise<string> {
  await client.query('begin');
  try {
    await client.query(`select set_config('app.tenant', $1, true)`, [tenant]);
    await client.query(statement);
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.query('rollback');
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
