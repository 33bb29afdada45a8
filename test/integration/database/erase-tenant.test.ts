import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../../shared/contracts/queues.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { eraseTenant, listTenantsToErase } from '../../../shared/services/erase-tenant.ts';
import { loadTenantSnapshot } from '../../../shared/services/load-tenant-snapshot.ts';
import { recordDeadLetter } from '../../../shared/services/record-dead-letter.ts';
import { recordLedgerEvents } from '../../../shared/services/record-ledger-events.ts';
import { recordOpenings } from '../../../shared/services/record-openings.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
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
  for (const tenantId of [ALICE, BOB]) await recordDeadLetter({ db, ...messageOf(tenantId) });
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

/** A message that could not be recorded, with what a tenant asked. */
const messageOf = (tenantId: string) => ({
  ...{ tenantId, queue: 'ledger', messageId: crypto.randomUUID(), payload: { input: 'private' }, error: 'refused' },
});

const lettersOf = async (tenantId: string) =>
  (await owner.query('select from dead_letters where subject_tenant = $1', [tenantId])).rowCount;

/** What an object of a tenant's may still tell of, one of each kind that is written; all with the id of the tenant's rows. */
function toldOf(tenantId: string): LedgerEvent[] {
  const id = crypto.randomUUID();
  const [now, of] = [Date.now(), { environmentId: tenantId, apiKeyId: null }];
  const times = { createdAt: now, updatedAt: now, runAfter: now, deadlineAt: now, endedAt: now };
  const none = { userId: null, batchId: null, failure: null, costPicoUsd: null, executions: [] };
  return [
    recordedEvent(1, seededRandom(1), { ...of, requestId: id }),
    {
      ...{
        type: 'budget.threshold_reached',
        eventId: id,
        budgetId: id,
        budgetName: 'b',
        threshold: 50,
        periodStart: 0,
      },
      ...{ capPicoUsd: '1', spentPicoUsd: '1', reachedAt: now },
    },
    {
      ...{ type: 'task.recorded', taskId: id, revision: 1, taskType: 'chat', status: 'succeeded', priority: 0 },
      ...{ input: 'private', metadata: {}, traceId: 't', maxAttempts: 1, callbackUrl: 'https://app.example/' },
      ...{ ...of, ...times, ...none },
    },
    { type: 'secret.opened', targetType: 'secret', eventId: id, targetId: id, openedAt: now },
  ];
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
      expect(await lettersOf(ALICE)).toBe(1);
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
    expect([await lettersOf(ALICE), await lettersOf(BOB)]).toEqual([0, 1]);
    expect(await statusOf(ALICE)).toEqual({ status: 'erased', name: '', slug: ALICE, erase_after: null });
    expect((await owner.query('select from users where home_tenant_id = $1', [ALICE])).rowCount).toBe(0);
    expect(await listTenantsToErase({ db })).toEqual([]);
  });

  it('writes nothing of what is told of it later, nor keeps a message of it that cannot be recorded', async () => {
    const rowsOf = async (tenantId: string) => {
      const counts = OWNED.map(async (name) => {
        const { rowCount } = await owner.query(`select from ${name} where tenant_id = $1`, [tenantId]);
        return [name, rowCount] as const;
      });
      return Object.fromEntries(await Promise.all(counts));
    };
    const [alice, bob] = [await rowsOf(ALICE), await rowsOf(BOB)];
    for (const tenantId of [ALICE, BOB]) {
      await recordLedgerEvents({ db, tenantId, events: toldOf(tenantId) });
      await recordDeadLetter({ db, ...messageOf(tenantId) });
    }
    expect(await rowsOf(ALICE)).toEqual(alice);
    expect([await lettersOf(ALICE), await lettersOf(BOB)]).toEqual([0, 2]);
    const grown = Object.entries(await rowsOf(BOB)).filter(([name, count]) => count !== bob[name]);
    expect(
      grown.map(([name]) => name),
      'control: of one that stays all is',
    ).toEqual(
      expect.arrayContaining(['audit_logs', 'budget_threshold_events', 'requests', 'tasks', 'webhook_deliveries']),
    );
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
