import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { eraseTenant, listTenantsToErase } from '../../../shared/services/erase-tenant.ts';
import { loadTenantSnapshot } from '../../../shared/services/load-tenant-snapshot.ts';
import { recordOpenings } from '../../../shared/services/record-openings.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { insertRowsOf, TENANT_TABLES } from './tenant-rows.ts';

const [ALICE, BOB] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'];
const OWNED = TENANT_TABLES.filter(({ owner }) => owner === 'tenant_id').map(({ name }) => name);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
  await insertRowsOf(owner, ALICE);
  await insertRowsOf(owner, BOB);
  await owner.query(
    `insert into audit_logs (tenant_id, action, target_type) select $1, 'a', 'b' from generate_series(1, 6000)`,
    [ALICE],
  );
  await owner.query(`insert into users (email, name, home_tenant_id) values ('brought@example.test', 'Brought', $1)`, [
    ALICE,
  ]);
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

/** Tables that have rows of a tenant. */
async function tablesWith(tenantId: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of OWNED) {
    const { rowCount } = await owner.query(`select from ${name} where tenant_id = $1 limit 1`, [tenantId]);
    if (rowCount) found.push(name);
  }
  return found;
}

const leave = (tenantId: string, interval: string) =>
  owner.query(`update tenants set status = 'deleting', erase_after = now() + $2::interval where id = $1`, [
    tenantId,
    interval,
  ]);

const statusOf = async (tenantId: string) =>
  (await owner.query('select status, name, slug, erase_after from tenants where id = $1', [tenantId])).rows[0];

describe('erasing a tenant', () => {
  it('touches nothing of one that is active, or whose grace period is not over: Postgres refuses it', async () => {
    for (const prepare of [async () => {}, () => leave(ALICE, '1 hour')]) {
      await prepare();
      expect(await listTenantsToErase({ db })).toEqual([]);
      await eraseTenant({ db, tenantId: ALICE });
      expect(await tablesWith(ALICE)).toEqual(OWNED);
      expect((await statusOf(ALICE)).status).not.toBe('erased');
    }
  });

  it('takes no entry of one whose time is over, and one before: none comes behind the deletion', async () => {
    const opened = async () => {
      const eventId = crypto.randomUUID();
      const targetId = crypto.randomUUID();
      const event = { type: 'secret.opened', targetType: 'secret', eventId, targetId, openedAt: Date.now() } as const;
      await recordOpenings({ db, tenantId: ALICE, events: [event] });
      return (await owner.query('select from audit_logs where id = $1', [eventId])).rowCount;
    };
    await leave(ALICE, '1 hour');
    expect(await opened()).toBe(1);
    await leave(ALICE, '-1 second');
    expect(await opened()).toBe(0);
  });

  it('deletes every row of every table but the ledger of money, and what its identity provider brought, and nothing of another', async () => {
    await leave(ALICE, '-1 second');
    expect(await listTenantsToErase({ db })).toEqual([ALICE]);
    await eraseTenant({ db, tenantId: ALICE });
    expect(await tablesWith(ALICE)).toEqual(['ledger_postings']);
    expect(await tablesWith(BOB)).toEqual(OWNED);
    expect(await statusOf(ALICE)).toEqual({ status: 'erased', name: '', slug: ALICE, erase_after: null });
    expect((await owner.query('select from users where home_tenant_id = $1', [ALICE])).rowCount).toBe(0);
    expect(await listTenantsToErase({ db })).toEqual([]);
  });

  it('leaves no sealed credential, in any column, and the search would find one', async () => {
    const sealed = async (tenantId: string) => {
      const { rows } = await owner.query<{ table_name: string; column_name: string }>(
        `select table_name, column_name from information_schema.columns
         where table_schema = 'public' and column_name like 'encrypted%'`,
      );
      const counts = rows.map(async ({ table_name, column_name }) => {
        const text = `select from ${table_name} where tenant_id = $1 and ${column_name} is not null`;
        return (await owner.query(text, [tenantId])).rowCount ?? 0;
      });
      return (await Promise.all(counts)).reduce((one, other) => one + other, 0);
    };
    expect(await sealed(ALICE)).toBe(0);
    expect(await sealed(BOB)).toBeGreaterThan(1);
  });

  it('leaves a configuration without anything in it, newer than any before', async () => {
    const snapshot = await loadTenantSnapshot({
      db: createDatabase({ databaseUrl: database.appUrl, neonEndpoint: database.neonEndpoint }),
      tenantId: ALICE,
    });
    expect(snapshot).toMatchObject({
      ...{ status: 'suspended', apiKeys: [], providerAccounts: [], environments: [], budgets: [], rateLimits: [] },
      configVersion: 2,
    });
  });
});
