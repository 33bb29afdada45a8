import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPriceList } from '../../../scripts/db/price-list.ts';
import { DEMO_TENANT_ID, type DemoOptions, type DemoProvider, seedDemoTenant } from '../../../scripts/db/seed-demo.ts';
import { hashApiKey, importPepper, mintApiKey } from '../../../shared/auth/api-key.ts';
import { PERMISSIONS, ROLES } from '../../../shared/auth/permissions.ts';
import { providerCredentials } from '../../../shared/crypto/seal-contexts.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { findMember } from '../../../shared/services/find-member.ts';
import { loadTenantSnapshot } from '../../../shared/services/load-tenant-snapshot.ts';
import { FIRST_PAGE, listUnpublishedTenants, markPublished } from '../../../shared/services/publish-configuration.ts';
import { recordDeadLetter } from '../../../shared/services/record-dead-letter.ts';
import { createTestDatabase } from '../../harness/postgres.ts';

const tenantId = DEMO_TENANT_ID;
const identity = { issuer: 'https://issuer.test', subject: 'admin', email: 'admin@example.test', name: 'Admin' };
const OPENAI: DemoProvider = { provider: 'openai', label: 'default', baseUrl: null, apiKey: 'sk-1' };
const SONAR: DemoProvider = { provider: 'perplexity', label: 'lab', baseUrl: 'http://127.0.0.1:1/x', apiKey: 'sk-2' };

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;
let ledgerDb: Database;
let demo: DemoOptions;

beforeAll(async () => {
  database = await createTestDatabase();
  const { neonEndpoint } = database;
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.appUrl, neonEndpoint });
  ledgerDb = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint });
  let seals = 0;
  demo = {
    apiKey: mintApiKey({ region: 'eu', environment: 'dev', tenantId }).key,
    pepper: await importPepper(new Uint8Array(32)),
    seal: async (context, plaintext) => JSON.stringify({ seal: ++seals, context, plaintext }),
    providers: [OPENAI, SONAR],
    identity,
  };
  await seedDemoTenant(owner, demo);
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

describe('seedDemoTenant and loadTenantSnapshot', () => {
  it('give the data plane all that it needs of the tenant, and nothing of others', async () => {
    await seedOtherTenant();
    const snapshot = await loadTenantSnapshot({ db, tenantId });
    expect(snapshot).toMatchObject({
      v: 1,
      tenantId,
      configVersion: 1,
      region: 'eu',
      status: 'active',
      plan: 'starter',
    });
    expect(snapshot?.environments.map(({ name, type }) => ({ name, type }))).toEqual([{ name: 'dev', type: 'dev' }]);
    expect(snapshot?.apiKeys.map(({ hash, scopes }) => ({ hash, scopes }))).toEqual([
      { hash: await hashApiKey(demo.pepper, demo.apiKey), scopes: ROLES.developer.permissions },
    ]);
    const accounts = snapshot?.providerAccounts.map(({ id, sealedCredentials, ...account }) => {
      const { context, plaintext } = JSON.parse(sealedCredentials);
      expect(context).toEqual(providerCredentials(tenantId, id));
      return { ...account, plaintext };
    });
    expect(accounts).toEqual([
      { provider: 'openai', label: 'default', baseUrl: null, plaintext: '{"apiKey":"sk-1"}' },
      { provider: 'perplexity', label: 'lab', baseUrl: 'http://127.0.0.1:1/x', plaintext: '{"apiKey":"sk-2"}' },
    ]);
    const { id, prices } = readPriceList(new Date());
    expect(snapshot?.priceVersion).toBe(id);
    expect(new Set(snapshot?.models.map(({ provider }) => provider))).toEqual(new Set(['openai', 'perplexity']));
    expect(snapshot?.models.flatMap(({ components }) => components).length).toBe(
      prices.filter(({ provider }) => provider === 'openai' || provider === 'perplexity').length,
    );
    expect(snapshot?.models.find(({ model }) => model === 'gpt-4o-mini')).toEqual({
      provider: 'openai',
      model: 'gpt-4o-mini',
      contextTokens: 128_000,
      components: [
        { kind: 'cached_input', picoUsdPerUnit: '75000', fromInputTokens: 0 },
        { kind: 'input', picoUsdPerUnit: '150000', fromInputTokens: 0 },
        { kind: 'output', picoUsdPerUnit: '600000', fromInputTokens: 0 },
        { kind: 'search', picoUsdPerUnit: '10000000000', fromInputTokens: 0 },
      ],
    });
  });

  it('the ledger reads the same snapshot as the gateway', async () => {
    expect(await loadTenantSnapshot({ db: ledgerDb, tenantId })).toEqual(await loadTenantSnapshot({ db, tenantId }));
  });

  it('answer null for a tenant that does not exist', async () => {
    expect(await loadTenantSnapshot({ db, tenantId: crypto.randomUUID() })).toBeNull();
  });

  it('leave out keys that are revoked or expired', async () => {
    const insertKey = (name: string, revokedAt: string | null, expiresAt: string | null) =>
      owner.query(
        `insert into api_keys (tenant_id, environment_id, name, key_prefix, key_hash, revoked_at, expires_at)
         select tenant_id, id, $2, $2, $2, $3, $4 from environments where tenant_id = $1`,
        [tenantId, name, revokedAt, expiresAt],
      );
    await insertKey('revoked', '2026-01-01', null);
    await insertKey('expired', null, '2026-01-01');
    await insertKey('expiring', null, '2999-01-01');
    const snapshot = await loadTenantSnapshot({ db, tenantId });
    expect(snapshot?.apiKeys.map(({ hash }) => hash).sort()).toEqual(
      [await hashApiKey(demo.pepper, demo.apiKey), 'expiring'].sort(),
    );
    await owner.query(`delete from api_keys where tenant_id = $1 and name <> 'demo'`, [tenantId]);
  });

  it('give budgets to the pico-dollar', async () => {
    await owner.query(
      `insert into budgets (tenant_id, name, amount_usd, period, scope) values
       ($1, 'all', '99999999999999.999999999999', 'month', '{}'), ($1, 'one', 100, 'total', '{"model": "gpt-4o-mini"}')`,
      [tenantId],
    );
    const snapshot = await loadTenantSnapshot({ db, tenantId });
    const budgets = snapshot?.budgets.map(({ id: _, ...budget }) => budget);
    expect(budgets).toContainEqual({
      name: 'all',
      amountPicoUsd: '99999999999999999999999999',
      period: 'month',
      hardStop: true,
      scope: {},
      thresholds: [50, 80, 95, 100],
    });
    expect(budgets).toContainEqual({
      name: 'one',
      amountPicoUsd: '100000000000000',
      period: 'total',
      hardStop: true,
      scope: { model: 'gpt-4o-mini' },
      thresholds: [50, 80, 95, 100],
    });
  });

  it("put a tenant's own prices in the catalogue's place, for that tenant and its providers alone", async () => {
    const other = await seedOtherTenant();
    const componentsOf = async (tenantId: string, model: string) =>
      (await loadTenantSnapshot({ db, tenantId }))?.models
        .find((offer) => offer.model === model)
        ?.components.map(({ kind, fromInputTokens, picoUsdPerUnit }) => `${kind} ${fromInputTokens} ${picoUsdPerUnit}`);
    const before = await loadTenantSnapshot({ db, tenantId });
    for (const tenant of [tenantId, other]) {
      await owner.query(
        `insert into provider_accounts (tenant_id, provider, account_label, encrypted_credentials)
         values ($1, 'openai', 'second', 'sealed')`,
        [tenant],
      );
    }
    await owner.query(
      `insert into price_overrides (tenant_id, provider, model, kind, from_input_tokens, pico_usd_per_unit) values
       ($1, 'openai', 'gpt-5.4', 'input', 0, 7), ($1, 'openai', 'gpt-5.4', 'input', 100, 5),
       ($1, 'openai', 'of-their-own', 'output', 0, 3), ($1, 'mistral', 'mistral-large-latest', 'input', 0, 1)`,
      [tenantId],
    );
    expect(await componentsOf(tenantId, 'gpt-5.4')).toEqual([
      ...((await componentsOf(other, 'gpt-5.4')) ?? []).filter((component) => !component.startsWith('input')),
      'input 0 7',
      'input 100 5',
    ]);
    expect(await componentsOf(tenantId, 'of-their-own')).toEqual(['output 0 3']);
    expect(await componentsOf(other, 'of-their-own')).toBeUndefined();
    const after = await loadTenantSnapshot({ db, tenantId });
    expect(after?.models.filter(({ provider }) => provider === 'mistral')).toEqual([]);
    expect(after?.models).toHaveLength((before?.models.length ?? 0) + 1);
    expect(after).toMatchObject({ configVersion: before?.configVersion, priceVersion: before?.priceVersion });
    await owner.query('delete from price_overrides');
    await owner.query(`delete from provider_accounts where account_label = 'second'`);
    expect(await loadTenantSnapshot({ db, tenantId })).toEqual(before);
  });

  it('without an account for any provider there are no models, and still a price version', async () => {
    const other = await seedOtherTenant();
    const snapshot = await loadTenantSnapshot({ db, tenantId: other });
    expect(snapshot).toMatchObject({ models: [], providerAccounts: [], priceVersion: readPriceList(new Date()).id });
  });

  it('raise the configuration version when something changed, and only then', async () => {
    const version = async () => (await loadTenantSnapshot({ db, tenantId }))?.configVersion;
    const seed = async (change: Partial<DemoOptions>) => (await seedDemoTenant(owner, { ...demo, ...change })).changed;
    const first = (await version()) ?? 0;
    expect(await seed({})).toBe(false);
    expect(await seed({ identity: { ...identity, issuer: 'https://moved.test' } })).toBe(false);
    expect(await version()).toBe(first);
    expect(await seed({ providers: [{ ...OPENAI, apiKey: 'sk-new' }, SONAR] })).toBe(true);
    expect(await seed({ providers: [OPENAI, { ...SONAR, baseUrl: null }] })).toBe(true);
    expect(await seed({ providers: [OPENAI] })).toBe(true);
    expect(await seed({ apiKey: mintApiKey({ region: 'eu', environment: 'dev', tenantId }).key })).toBe(true);
    expect(await seed({})).toBe(true);
    expect(await version()).toBe(first + 5);
  });

  it('leave accounts alone that others connected', async () => {
    await owner.query(
      `insert into provider_accounts (tenant_id, provider, account_label, encrypted_credentials)
       values ($1, 'google', 'mine', 'sealed')`,
      [tenantId],
    );
    expect((await seedDemoTenant(owner, demo)).changed).toBe(false);
    const snapshot = await loadTenantSnapshot({ db, tenantId });
    expect(snapshot?.providerAccounts.map(({ label }) => label)).toContain('mine');
  });
});

describe('findMember', () => {
  const find = (change: { tenantId?: string; issuer?: string; subject?: string } = {}) =>
    findMember({
      ...{ db, tenantId, issuer: identity.issuer, subject: identity.subject, homeTenantId: null },
      ...change,
    });

  it('finds a member with what their roles permit', async () => {
    const member = await find();
    expect(member?.permissions.toSorted()).toEqual([...PERMISSIONS].sort());
  });

  it('finds nobody by another issuer, another subject, or in another tenant', async () => {
    expect(await find({ issuer: 'https://other.test' })).toBeNull();
    expect(await find({ subject: 'someone' })).toBeNull();
    expect(await find({ tenantId: await seedOtherTenant() })).toBeNull();
  });

  it('adds up roles of every kind, and finds nobody who is disabled or has no role left', async () => {
    const member = await find();
    await owner.query('delete from user_roles where user_id = $1', [member?.userId]);
    expect(await find()).toBeNull();
    await owner.query(
      `insert into roles (tenant_id, name, description) values ($1, 'custom', '');
       `.trim(),
      [tenantId],
    );
    await owner.query(
      `insert into role_permissions (tenant_id, role_id, permission_id)
       select $1, roles.id, permissions.id from roles, permissions
       where roles.tenant_id = $1 and permissions.name = 'keys:write'`,
      [tenantId],
    );
    await owner.query(
      `insert into user_roles (tenant_id, user_id, role_id) select $1, $2, id from roles where name in ('custom', 'viewer')`,
      [tenantId, member?.userId],
    );
    expect((await find())?.permissions.toSorted()).toEqual(['keys:write', 'tasks:read', 'usage:read']);
    await owner.query(`update users set status = 'disabled' where id = $1`, [member?.userId]);
    expect(await find()).toBeNull();
    await owner.query(`update users set status = 'active' where id = $1`, [member?.userId]);
  });
});

describe('publishing', () => {
  it('lists a tenant until its newest version is published, and never goes back', async () => {
    const unpublished = async () =>
      (await listUnpublishedTenants({ db: ledgerDb, after: FIRST_PAGE })).find(
        (tenant) => tenant.tenantId === tenantId,
      );
    const configVersion = (await unpublished())?.configVersion ?? 0;
    expect(configVersion).toBeGreaterThan(1);
    await markPublished({ db: ledgerDb, tenantId, configVersion: configVersion - 1 });
    expect(await unpublished()).toEqual({ tenantId, configVersion });
    await markPublished({ db: ledgerDb, tenantId, configVersion });
    expect(await unpublished()).toBeUndefined();
    await markPublished({ db: ledgerDb, tenantId, configVersion: 1 });
    expect(await unpublished()).toBeUndefined();
  });

  it('is not for the gateway: it finds no tenant', async () => {
    await seedOtherTenant();
    expect(await listUnpublishedTenants({ db, after: FIRST_PAGE })).toEqual([]);
  });
});

describe('recordDeadLetter', () => {
  it('keeps a message once, whatever it contains', async () => {
    const letter = { queue: 'ledger', messageId: 'm1', payload: { text: 'a\0b', list: ['\ud800'] }, error: 'no' };
    await recordDeadLetter({ db: ledgerDb, tenantId: null, ...letter });
    await recordDeadLetter({ db: ledgerDb, tenantId: 'not even a uuid', ...letter });
    const { rows } = await owner.query('select queue, message_id, subject_tenant, payload, error from dead_letters');
    expect(rows).toEqual([
      {
        queue: 'ledger',
        message_id: 'm1',
        subject_tenant: null,
        payload: { text: 'a\ufffdb', list: ['\ufffd'] },
        error: 'no',
      },
    ]);
  });
});

async function seedOtherTenant(): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into tenants (name, slug, region) values ('Other', gen_random_uuid()::text, 'us') returning id`,
  );
  const id = rows[0]?.id ?? '';
  await owner.query(`insert into environments (tenant_id, name, type) values ($1, 'prod', 'prod')`, [id]);
  return id;
}
