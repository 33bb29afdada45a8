import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../../scripts/db/connection.ts';
import { type NeonBridge, startNeonBridge } from '../../../scripts/dev/neon-bridge.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { sqlState } from '../../../shared/db/is-transient.ts';
import { environments } from '../../../shared/db/schema/tenancy.ts';
import { withTenant } from '../../../shared/db/with-tenant.ts';
import { createTestDatabase } from '../../harness/postgres.ts';

const TENANTS = Array.from({ length: 50 }, () => crypto.randomUUID());
const REQUESTS = 1_000;
/** Requests that wait for the one connection at a time: all of them would wait longer than a request may. */
const AT_ONCE = 50;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let bridge: NeonBridge;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  bridge = await startNeonBridge({ port: 0, postgresUrl: database.url, maxConnections: 1 });
  db = createDatabase({ databaseUrl: database.appUrl, neonEndpoint: `http://127.0.0.1:${bridge.port}` });
  await withClient(database.url, async (client) => {
    for (const id of TENANTS) {
      await client.query(`insert into tenants (id, name, slug, region) values ($1::uuid, $1::text, $1::text, 'eu')`, [
        id,
      ]);
      await client.query(`insert into environments (tenant_id, name, type) values ($1::uuid, $1::text, 'dev')`, [id]);
    }
  });
});

afterAll(async () => {
  await bridge?.close();
  await database?.close();
});

const readNames = (tenantId: string) =>
  withTenant(db, tenantId, (db) => [
    db.select({ name: environments.name }).from(environments),
    db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`),
  ]);

describe('withTenant', () => {
  it('T5: keeps 1,000 interleaved requests of 50 tenants apart on one connection', async () => {
    const connections = new Set<number>();
    const seen: string[] = [];
    const lane = async (first: number) => {
      for (let at = first; at < REQUESTS; at += AT_ONCE) {
        const tenantId = TENANTS[(at * 7 + Math.floor(at / AT_ONCE)) % TENANTS.length] ?? '';
        const [names, { rows }] = await readNames(tenantId);
        expect(names).toEqual([{ name: tenantId }]);
        seen.push(tenantId);
        for (const { pid } of rows) connections.add(pid);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => lane(first)));
    expect([seen.length, new Set(seen).size, connections.size]).toEqual([REQUESTS, TENANTS.length, 1]);
    expect(seen.filter((tenantId, at) => tenantId === seen[at - 1]).length).toBeLessThan(REQUESTS / 10);
    const { rows } = await db.execute(sql`select current_setting('app.tenant', true) as tenant`);
    expect(rows).toEqual([{ tenant: '' }]);
    expect(await db.select().from(environments)).toEqual([]);
  });

  it('T5 control: a context that outlives its transaction is seen', async () => {
    await db.execute(sql`select set_config('app.tenant', ${TENANTS[0]}, false)`);
    expect(await db.select({ name: environments.name }).from(environments)).toEqual([{ name: TENANTS[0] }]);
    await db.execute(sql`select set_config('app.tenant', '', false)`);
  });

  it('undoes everything when one query fails, and tells which error it was', async () => {
    const [tenantId = ''] = TENANTS;
    const attempt = withTenant(db, tenantId, (db) => [
      db.insert(environments).values({ tenantId, name: 'new', type: 'dev' }),
      db.insert(environments).values({ tenantId, name: tenantId, type: 'dev' }),
    ]);
    expect(sqlState(await attempt.catch((error: unknown) => error))).toBe('23505');
    const [names] = await readNames(tenantId);
    expect(names).toEqual([{ name: tenantId }]);
  });

  it('refuses to write another tenant', async () => {
    const [alice = '', bob = ''] = TENANTS;
    const attempt = withTenant(db, alice, (db) => [
      db.insert(environments).values({ tenantId: bob, name: 'planted', type: 'dev' }),
    ]);
    expect(sqlState(await attempt.catch((error: unknown) => error))).toBe('42501');
  });
});
