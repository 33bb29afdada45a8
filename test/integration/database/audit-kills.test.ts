import { neonConfig } from '@neondatabase/serverless';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { withTenant } from '../../../shared/db/with-tenant.ts';
import { BUDGETS } from '../../../shared/services/budget-fields.ts';
import {
  type ChangeContext,
  deleteConfiguration,
  insertConfiguration,
  updateConfiguration,
} from '../../../shared/services/change-configuration.ts';
import { createRole } from '../../../shared/services/change-role.ts';
import { moveTenant } from '../../../shared/services/change-tenant.ts';
import { createTenant } from '../../../shared/services/create-tenant.ts';
import { endSessions } from '../../../shared/services/end-sessions.ts';
import { startSession } from '../../../shared/services/start-session.ts';
import { createTestDatabase } from '../../harness/postgres.ts';

const KILLS = 1_000;
const USER = '00000000-0000-4000-8000-0000000000a1';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.appUrl, neonEndpoint: database.neonEndpoint });
  await owner.query(`insert into users (id, email, name) values ($1, 'person@example.test', 'Person')`, [USER]);
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

/** Where a call to the database is killed. */
type Kill =
  | { readonly at: 'before' | 'after' }
  /** Behind so many statements of a transaction, which is then taken back. */
  | { readonly at: 'inside'; readonly behind: number };

interface Call {
  readonly queries: readonly unknown[];
}

/** Takes back a transaction that went well so far. */
const FAILING = { query: 'select 1 / 0', params: [] };

/** Runs work whose `call`-th call to the database is killed; answers how many calls it made, and the statements of each. */
async function killed(work: () => Promise<unknown>, call: number, kill: Kill | null): Promise<number[]> {
  const send = neonConfig.fetchFunction as typeof fetch;
  const calls: number[] = [];
  neonConfig.fetchFunction = async (url: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as Partial<Call>;
    calls.push(body.queries?.length ?? 0);
    if (!kill || calls.length !== call) return send(url, init);
    if (kill.at !== 'inside') {
      if (kill.at === 'after') await send(url, init);
      throw new Error(`killed ${kill.at} a call`);
    }
    const queries = [...(body.queries ?? []).slice(0, kill.behind), FAILING];
    await send(url, { ...init, body: JSON.stringify({ ...body, queries }) });
    throw new Error('killed inside a transaction');
  };
  try {
    await work();
  } catch (error) {
    if (!kill) throw error;
  } finally {
    neonConfig.fetchFunction = send;
  }
  return calls;
}

/** What is there of a tenant: what its changes leave, and what is told of them. */
async function stateOf(tenantId: string): Promise<Record<string, unknown>> {
  const { rows } = await owner.query(
    `select
       (select coalesce(jsonb_agg(to_jsonb(budgets) order by id), '[]') from budgets where tenant_id = $1) as budgets,
       (select count(*)::int from roles where tenant_id = $1) as roles,
       (select to_jsonb(tenants) - 'updated_at' from tenants where id = $1) as tenant,
       (select count(*)::int from sessions where user_id = $2) as sessions,
       (select count(*)::int from audit_logs where tenant_id = $1) as entries,
       (select count(*)::int from audit_pending where tenant_id = $1) as pending`,
    [tenantId, USER],
  );
  return rows[0];
}

const by = (tenantId: string): ChangeContext & { actor: { kind: 'user'; userId: string } } => ({
  ...{ db, tenantId, requestId: crypto.randomUUID(), ip: null, userAgent: null },
  actor: { kind: 'user', userId: USER },
});

const sessionChange = () => ({ db, requestId: crypto.randomUUID(), ip: null, userAgent: null, now: Date.now() });

const session = () => ({
  ...{ userId: USER, tokenHash: crypto.randomUUID(), issuer: 'https://issuer.example', subject: 's', sid: null },
  ...{ homeTenantId: null, homeEnvironmentId: null },
});

async function tenantWithBudget() {
  const tenantId = crypto.randomUUID();
  await owner.query("insert into tenants (id, name, slug, region) values ($1::uuid, 'T', $1::text, 'eu')", [tenantId]);
  const budgetId = crypto.randomUUID();
  await owner.query(
    `insert into budgets (id, tenant_id, name, amount_usd, period) values ($1, $2, 'cap', 1, 'total')`,
    [budgetId, tenantId],
  );
  await owner.query('delete from sessions where user_id = $1', [USER]);
  await owner.query('delete from user_roles where user_id = $1', [USER]);
  await owner.query(
    `insert into user_roles (tenant_id, user_id, role_id)
     select $1, $2, id from roles where tenant_id is null and name = 'owner'`,
    [tenantId, USER],
  );
  return { tenantId, budgetId };
}

type Ids = Awaited<ReturnType<typeof tenantWithBudget>>;

/** Changes of every kind that the services make: a row of configuration, several steps, the tenant itself, and sessions. */
const CHANGES: Record<string, (ids: Ids) => Promise<unknown>> = {
  'a budget is made': ({ tenantId }) =>
    insertConfiguration(by(tenantId), BUDGETS, { name: 'new', amount_usd: '1', period: 'total' }, {}),
  'a budget is changed': ({ tenantId, budgetId }) =>
    updateConfiguration(by(tenantId), BUDGETS, budgetId, { name: 'other' }, {}),
  'a budget is deleted': ({ tenantId, budgetId }) => deleteConfiguration(by(tenantId), BUDGETS, budgetId),
  'a role is made': ({ tenantId }) =>
    createRole(
      by(tenantId),
      { permissions: new Set(['usage:read']) },
      { name: 'r', description: '', permissions: ['usage:read'] },
    ),
  'a tenant is suspended': ({ tenantId }) => moveTenant(by(tenantId), 'suspended'),
  'a session begins': () => startSession(sessionChange(), session()),
};

describe('U6: a change and its entry', () => {
  it('are both there or neither, wherever it is killed, a thousand times', async () => {
    let [kills, made] = [0, 0];
    const unequal: string[] = [];
    while (kills < KILLS) {
      for (const [name, change] of Object.entries(CHANGES)) {
        const calls = await killed(() => tenantWithBudget().then(change), 0, null);
        const points = calls.flatMap((statements, at): (readonly [number, Kill])[] => [
          [at + 1, { at: 'before' }],
          [at + 1, { at: 'after' }],
          ...Array.from({ length: statements }, (_, behind) => [at + 1, { at: 'inside', behind: behind + 1 }] as const),
        ]);
        for (const [call, kill] of points) {
          const ids = await tenantWithBudget();
          const before = await stateOf(ids.tenantId);
          await killed(() => change(ids), call, kill);
          const after = await stateOf(ids.tenantId);
          const entries = Number(after.entries) - Number(before.entries);
          const isChanged =
            JSON.stringify({ ...after, entries: 0, pending: 0 }) !==
            JSON.stringify({ ...before, entries: 0, pending: 0 });
          if (entries !== (isChanged ? 1 : 0) || after.pending !== after.entries) {
            unequal.push(`${name}, ${JSON.stringify(kill)}: changed ${isChanged}, ${entries} entries`);
          }
          kills++;
          if (isChanged) made++;
        }
      }
    }
    expect(unequal).toEqual([]);
    expect(kills).toBeGreaterThanOrEqual(KILLS);
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(kills);
  }, 300_000);

  it('are both there or neither where a session ends, and where a tenant is made', async () => {
    const ids = await tenantWithBudget();
    await startSession(sessionChange(), session());
    const before = await stateOf(ids.tenantId);
    const end = () => endSessions(sessionChange(), USER, { allBut: null }, 'signed_out');
    for (let behind = 1; behind <= 8; behind++) await killed(end, 2, { at: 'inside', behind });
    expect(await stateOf(ids.tenantId)).toEqual(before);
    await end();
    expect(await stateOf(ids.tenantId)).toMatchObject({ sessions: 0, entries: Number(before.entries) + 1 });
    const tenantId = crypto.randomUUID();
    for (const behind of [1, 2, 3]) {
      await killed(() => createTenant(by(tenantId), { name: 'New', region: 'eu' }), 1, { at: 'inside', behind });
    }
    expect(await stateOf(tenantId)).toMatchObject({ tenant: null, entries: 0 });
    await createTenant(by(tenantId), { name: 'New', region: 'eu' });
    expect(await stateOf(tenantId)).toMatchObject({ tenant: { status: 'active' }, entries: 1, pending: 1 });
  });

  it('control: a writer that tells in a transaction of its own is found out', async () => {
    const ids = await tenantWithBudget();
    const apart = async () => {
      const { tenantId } = ids;
      await withTenant(db, tenantId, (db) => [db.execute(sql`delete from budgets where tenant_id = ${tenantId}`)]);
      await withTenant(db, tenantId, (db) => [
        db.execute(sql`insert into audit_logs (tenant_id, action, target_type) values (${tenantId}, 'a.b', 'a')`),
      ]);
    };
    const before = await stateOf(ids.tenantId);
    await killed(apart, 2, { at: 'before' });
    const after = await stateOf(ids.tenantId);
    expect(after.budgets).not.toEqual(before.budgets);
    expect(after.entries).toBe(before.entries);
  });
});
