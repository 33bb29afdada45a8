import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../harness/postgres.ts';

const [ADA, BOB, NOBODY] = [randomUUID(), randomUUID(), randomUUID()];
const ISSUER = 'https://id.example';

/** What belongs to a person: how a row of theirs is found, and one that somebody else might add for them. */
const TABLES = {
  users: {
    owner: 'id',
    column: 'name',
    add: (user: string) => `insert into users (id, email, name) values ('${user}', '${randomUUID()}', 'n')`,
  },
  identities: {
    owner: 'user_id',
    column: 'subject',
    add: (user: string) =>
      `insert into identities (user_id, provider, issuer, subject) values ('${user}', 'oidc', '${ISSUER}', '${randomUUID()}')`,
  },
  sessions: {
    owner: 'user_id',
    column: 'ip',
    add: (user: string) =>
      `insert into sessions (user_id, token_hash, rights, issuer, subject) values ('${user}', '${randomUUID()}', '', '${ISSUER}', 's')`,
  },
} as const;
type Name = keyof typeof TABLES;
const NAMES = Object.keys(TABLES) as Name[];

type Context = Readonly<Record<string, string>>;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let app: pg.Client;

const hashOf = (user: string) => createHash('sha256').update(user).digest('base64url');

beforeAll(async () => {
  database = await createTestDatabase();
  [owner, app] = await Promise.all([connect(database.url), connect(database.appUrl)]);
  for (const user of [ADA, BOB]) {
    await owner.query('insert into users (id, email, name) values ($1, $2, $3)', [user, `${user}@example.test`, 'n']);
    await owner.query(
      `insert into identities (user_id, provider, issuer, subject) values ($1, 'oidc', $2, $1::uuid::text)`,
      [user, ISSUER],
    );
    await owner.query(
      `insert into sessions (user_id, token_hash, rights, issuer, subject, sid) values ($1, $2, '', $3, $1::uuid::text, $4)`,
      [user, hashOf(user), ISSUER, `sid of ${user}`],
    );
  }
});

afterAll(async () => {
  await Promise.all([owner, app].map((client) => client?.end()));
  await database?.close();
});

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

/** Rows that a statement reaches in a context; `refused` where it may not run. It is rolled back. */
async function attempt(context: Context, statement: string): Promise<number | 'refused'> {
  await app.query('begin');
  try {
    for (const [name, value] of Object.entries(context))
      await app.query('select set_config($1, $2, true)', [name, value]);
    return (await app.query(statement)).rowCount ?? 0;
  } catch {
    return 'refused';
  } finally {
    await app.query('rollback');
  }
}

/** Verbs by which rows of Bob's are reached. */
async function breaches(context: Context): Promise<string[]> {
  const found: string[] = [];
  for (const name of NAMES) {
    const { owner: key, column, add } = TABLES[name];
    const statements = {
      select: `select from ${name} where ${key} = '${BOB}'`,
      update: `update ${name} set ${column} = ${column} where ${key} = '${BOB}'`,
      delete: `delete from ${name} where ${key} = '${BOB}'`,
      insert: add(name === 'users' ? NOBODY : BOB),
    };
    for (const [verb, statement] of Object.entries(statements)) {
      const rows = await attempt(context, statement);
      if (rows !== 'refused' && rows > 0) found.push(`${verb} ${name}`);
    }
  }
  return found;
}

describe('T3: what belongs to a person', () => {
  it.each<[string, Context]>([
    ['no context', {}],
    ['an empty one', { 'app.user': '', 'app.session': '', 'app.issuer': '', 'app.subject': '', 'app.sid': '' }],
    ['another person’s', { 'app.user': ADA }],
    ['a malformed one', { 'app.user': 'not-a-uuid' }],
    ['a tenant’s that they are no member of', { 'app.tenant': ADA }],
    ['another session’s', { 'app.session': hashOf(ADA) }],
    ['an issuer’s alone', { 'app.issuer': ISSUER }],
    ['another subject’s', { 'app.issuer': ISSUER, 'app.subject': ADA }],
    ['another issuer’s of the same subject', { 'app.issuer': 'https://other.example', 'app.subject': BOB }],
    ['another issuer’s of the same session', { 'app.issuer': 'https://other.example', 'app.sid': `sid of ${BOB}` }],
  ])('is not reached with %s', async (_name, context) => {
    expect(await breaches(context)).toEqual([]);
  });

  it('control: is reached by the person, and found by what they present', async () => {
    const own = await breaches({ 'app.user': BOB });
    expect(own).toEqual(
      expect.arrayContaining([
        'select users',
        'update users',
        'select identities',
        'select sessions',
        'delete sessions',
        'insert sessions',
      ]),
    );
    expect(await breaches({ 'app.session': hashOf(BOB) })).toEqual(['select sessions']);
    expect(await breaches({ 'app.issuer': ISSUER, 'app.subject': BOB })).toEqual([
      'select identities',
      'select sessions',
    ]);
    expect(await breaches({ 'app.issuer': ISSUER, 'app.sid': `sid of ${BOB}` })).toEqual(['select sessions']);
  });

  it('cannot be handed to another person', async () => {
    const give = `update sessions set user_id = '${BOB}' where user_id = '${ADA}'`;
    expect(await attempt({ 'app.user': ADA }, give)).toBe('refused');
  });

  it('control: a policy that is open to all is noticed', async () => {
    await owner.query('create policy leak on sessions for select using (true)');
    const found = await breaches({});
    await owner.query('drop policy leak on sessions');
    expect(found).toEqual(['select sessions']);
  });

  it('has forced row-level security', async () => {
    const { rows } = await owner.query(
      `select relname from pg_class where relname = any ($1) and not (relrowsecurity and relforcerowsecurity)`,
      [[...NAMES, 'used_logout_tokens', 'identity_providers']],
    );
    expect(rows).toEqual([]);
  });
});
