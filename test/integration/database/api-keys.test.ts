import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, rollback } from '../../../scripts/db/migrate.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { API_KEYS, hasRightsOf } from '../../../shared/services/api-key-fields.ts';
import { updateConfiguration } from '../../../shared/services/change-configuration.ts';
import { getApiKey } from '../../../shared/services/get-api-key.ts';
import { recordKeyUses } from '../../../shared/services/record-key-uses.ts';
import { startTestServer, type TestServer } from '../../harness/postgres.ts';

let server: TestServer;
let owner: pg.Client;
let db: Database;

beforeAll(async () => {
  server = await startTestServer();
  const database = await server.createDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.appUrl, neonEndpoint: database.neonEndpoint });
});

afterAll(async () => {
  await owner?.end();
  await server?.close();
});

const T0 = Date.UTC(2026, 5, 1, 12);
const SECOND = 1_000;

interface KeyColumns {
  readonly id?: string;
  readonly name?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

async function addTenant(client = owner): Promise<string> {
  const tenantId = randomUUID();
  await client.query(`insert into tenants (id, name, slug, region) values ($1, 'T', $2, 'eu')`, [tenantId, tenantId]);
  const values = [tenantId];
  await client.query(`insert into environments (id, tenant_id, name, type) values ($1, $1, 'dev', 'dev')`, values);
  return tenantId;
}

async function addKey(tenantId: string, { id = randomUUID(), name = id, more = {} }: KeyColumns = {}, client = owner) {
  const row = {
    id,
    tenant_id: tenantId,
    environment_id: tenantId,
    name,
    key_prefix: 'p',
    key_hash: randomUUID(),
    ...more,
  };
  const columns = Object.keys(row);
  await client.query(
    `insert into api_keys (${columns}) values (${columns.map((_, index) => `$${index + 1}`)})`,
    Object.values(row),
  );
  return id;
}

async function lastUse(tenantId: string, id: string): Promise<number | null> {
  const { rows } = await owner.query('select last_used_at from api_keys where tenant_id = $1 and id = $2', [
    tenantId,
    id,
  ]);
  return rows[0]?.last_used_at?.getTime() ?? null;
}

describe('recordKeyUses', () => {
  it('notes the last use of keys of many tenants, and of the same key in two as of two', async () => {
    const tenants = await Promise.all(Array.from({ length: 250 }, () => addTenant()));
    const id = randomUUID();
    for (const tenantId of tenants) await addKey(tenantId, { id });
    const unused = await addKey(tenants[0] ?? '');
    const uses = tenants.slice(1).map((tenantId, index) => ({ tenantId, apiKeyId: id, usedAt: T0 + index }));
    await recordKeyUses(db, uses);
    for (const { tenantId, usedAt } of uses) expect(await lastUse(tenantId, id)).toBe(usedAt);
    expect(await lastUse(tenants[0] ?? '', id)).toBeNull();
    expect(await lastUse(tenants[0] ?? '', unused)).toBeNull();
  });

  it('never goes back, and leaves alone what is seconds behind', async () => {
    const tenantId = await addTenant();
    const apiKeyId = await addKey(tenantId);
    const use = (usedAt: number) => recordKeyUses(db, [{ tenantId, apiKeyId, usedAt }]);
    await use(T0);
    for (const [usedAt, kept] of [
      [T0 - 3_600 * SECOND, T0],
      [T0 + 20 * SECOND, T0],
      [T0 + 21 * SECOND, T0 + 21 * SECOND],
    ] as const) {
      await use(usedAt);
      expect(await lastUse(tenantId, apiKeyId)).toBe(kept);
    }
  });

  it('passes over keys and tenants that there are not, and those of another tenant', async () => {
    const [mine, theirs] = [await addTenant(), await addTenant()];
    const apiKeyId = await addKey(theirs);
    const own = await addKey(mine);
    await recordKeyUses(db, [
      { tenantId: mine, apiKeyId, usedAt: T0 },
      { tenantId: mine, apiKeyId: own, usedAt: T0 },
      { tenantId: randomUUID(), apiKeyId, usedAt: T0 },
    ]);
    expect([await lastUse(theirs, apiKeyId), await lastUse(mine, own)]).toEqual([null, T0]);
    await recordKeyUses(db, []);
  });

  it('lets many isolates write the same keys at once, in whatever order', async () => {
    const tenants = [await addTenant(), await addTenant()];
    const keys: { tenantId: string; apiKeyId: string }[] = [];
    for (const tenantId of tenants) {
      for (let key = 0; key < 20; key++) keys.push({ tenantId, apiKeyId: await addKey(tenantId) });
    }
    const isolate = (index: number) => {
      const uses = keys.map((key) => ({ ...key, usedAt: T0 + index * 60 * SECOND }));
      return recordKeyUses(db, index % 2 === 0 ? uses : uses.toReversed());
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => isolate(index)));
    for (const { tenantId, apiKeyId } of keys) {
      expect(await lastUse(tenantId, apiKeyId)).toBe(T0 + 19 * 60 * SECOND);
    }
  });
});

describe('api_keys', () => {
  it('share a name only where at most one of them is neither revoked nor replaced', async () => {
    const [tenantId, other] = [await addTenant(), await addTenant()];
    const name = 'ci';
    const newest = await addKey(tenantId, { name });
    await addKey(other, { name });
    await addKey(tenantId, { name, more: { revoked_at: new Date() } });
    await addKey(tenantId, { name, more: { successor_id: newest } });
    await expect(addKey(tenantId, { name })).rejects.toThrow('api_keys_name');
  });

  it.each(['ip_allow_list', 'models'])('have no empty %s, which would read as all or as none', async (column) => {
    const tenantId = await addTenant();
    await expect(addKey(tenantId, { more: { [column]: [] } })).rejects.toThrow(`api_keys_${column}_check`);
    await addKey(tenantId, { more: { [column]: ['x'] } });
  });

  it.each(['rotated_from', 'successor_id'])('refer by %s to keys of their own tenant only', async (column) => {
    const [tenantId, other] = [await addTenant(), await addTenant()];
    const theirs = await addKey(other);
    await expect(addKey(tenantId, { more: { [column]: theirs } })).rejects.toThrow('foreign key');
    await addKey(other, { more: { [column]: theirs } });
  });
});

describe('a change of a key', () => {
  it('that was allowed by rights which the key has no more is not made', async () => {
    const tenantId = await addTenant();
    const id = await addKey(tenantId, {
      more: { scopes: ['usage:read'], models: ['m'], expires_at: new Date(T0 * 2) },
    });
    const seen = await getApiKey({ db, tenantId, id });
    if (!seen) throw new Error('the key is there');
    const rename = (name: string) =>
      updateConfiguration(
        { db, tenantId, actor: { kind: 'user', userId: randomUUID() }, requestId: 'r', ip: null, userAgent: null },
        API_KEYS,
        id,
        { name },
        {},
        { condition: hasRightsOf(seen), blocked: 'changed' },
      );
    expect(await rename('first')).toMatchObject({ ok: true });
    await owner.query(`update api_keys set scopes = '{usage:read,billing:write}' where id = $1`, [id]);
    expect(await rename('second')).toEqual({ ok: false, error: { reason: 'blocked', detail: 'changed' } });
    const { rows } = await owner.query('select action from audit_logs where tenant_id = $1', [tenantId]);
    expect(rows).toEqual([{ action: 'api_key.updated' }]);
  });
});

it('the way back keeps every key, and makes names unique again', async () => {
  const { url: databaseUrl } = await server.createDatabase();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tenantId = await addTenant(client);
    const newest = await addKey(tenantId, { name: 'ci' }, client);
    for (const more of [{ revoked_at: new Date() }, { successor_id: newest }]) {
      await addKey(tenantId, { name: 'ci', more }, client);
    }
    const undone: string[] = [];
    while (!undone.at(-1)?.startsWith('0012')) undone.push(...(await rollback({ databaseUrl })));
    const { rows } = await client.query<{ name: string }>('select name from api_keys');
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(3);
    expect(rows.filter(({ name }) => name === 'ci')).toHaveLength(1);
    expect(await migrate({ databaseUrl })).toEqual(undone.toReversed());
  } finally {
    await client.end();
  }
});
