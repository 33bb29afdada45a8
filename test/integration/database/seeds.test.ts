import { calcPrice } from '@pydantic/genai-prices';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../../scripts/db/connection.ts';
import { migrate, rollback } from '../../../scripts/db/migrate.ts';
import { readPriceList, toPicoUsdPerUnit } from '../../../scripts/db/price-list.ts';
import { seedCatalogue } from '../../../scripts/db/seed.ts';
import { DEMO_TENANT_ID, type DemoOptions, seedDemoTenant } from '../../../scripts/db/seed-demo.ts';
import { statementsOn } from '../../../scripts/ledger/statements-on.ts';
import { importPepper, mintApiKey } from '../../../shared/auth/api-key.ts';
import { PERMISSIONS, ROLES } from '../../../shared/auth/permissions.ts';
import { recordStatement } from '../../../shared/services/record-statement.ts';
import { toRequestRow } from '../../../shared/services/request-row.ts';
import { ledgerOf, storedLedger } from '../../harness/ledger-truth.ts';
import { startTestServer, type TestServer } from '../../harness/postgres.ts';
import { recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

const NOW = new Date('2026-11-22T00:00:00Z');
const TABLES = ['plans', 'permissions', 'roles', 'role_permissions', 'price_versions', 'prices'];

let server: TestServer;
/** As an owner who is no superuser and cannot bypass row-level security, as on a managed PostgreSQL. */
let ownerUrl: string;

beforeAll(async () => {
  server = await startTestServer();
  await withClient(server.url, async (client) => {
    await client.query(`create role plain_owner login createrole password 'secret'`);
    await client.query('create database plain owner plain_owner');
  });
  const url = new URL(server.url);
  [url.username, url.password, url.pathname] = ['plain_owner', 'secret', '/plain'];
  ownerUrl = url.href;
});

afterAll(() => server?.close());

describe('an owner without superuser rights', () => {
  it('migrates up, down and up, makes the roles and seeds', async () => {
    const options = { databaseUrl: ownerUrl, appPassword: `it's "quoted"`, ledgerPassword: 'ledger' };
    const applied = await migrate(options);
    expect(await rollback({ databaseUrl: ownerUrl, steps: applied.length })).toEqual(applied.toReversed());
    expect(await migrate(options)).toEqual(applied);
    await withClient(ownerUrl, (client) => seedCatalogue(client, NOW));

    const appUrl = new URL(ownerUrl);
    [appUrl.username, appUrl.password] = ['eufm_app', encodeURIComponent(options.appPassword)];
    expect(await withClient(appUrl.href, async (client) => (await client.query('select from plans')).rowCount)).toBe(4);
  });

  it('takes 0007 back from rows that the older schema cannot hold', async () => {
    await withClient(server.url, (client) => client.query('create database used owner plain_owner'));
    const databaseUrl = ownerUrl.replace(/[^/]*$/, 'used');
    await migrate({ databaseUrl });
    await withClient(databaseUrl, async (client) => {
      const rows = async (text: string) => (await client.query({ text, rowMode: 'array' })).rows.flat();
      await seedCatalogue(client, NOW);
      await client.query(`
        select set_config('app.tenant', '${DEMO_TENANT_ID}', false);
        insert into tenants (id, name, slug, region) values ('${DEMO_TENANT_ID}', 'Used', 'used', 'eu');
        insert into price_overrides (tenant_id, provider, model, kind, pico_usd_per_unit)
          values ('${DEMO_TENANT_ID}', 'mistral', 'small', 'search', 1);
        insert into provider_accounts (tenant_id, provider, account_label, encrypted_credentials)
          values ('${DEMO_TENANT_ID}', 'mistral', '', ''), ('${DEMO_TENANT_ID}', 'openai', '', '');
        insert into requests (tenant_id, environment_id, provider, model, status, cost_usd, search_count)
          values ('${DEMO_TENANT_ID}', '${DEMO_TENANT_ID}', 'mistral', 'small', 'canceled', 1, 1)`);
      while (!(await rollback({ databaseUrl })).includes('0007_providers'));
      expect(await rows('select provider from provider_accounts')).toEqual(['openai']);
      expect(await rows('select status from requests')).toEqual(['failed']);
      expect(await rows('select id from price_versions')).toEqual([]);
      await migrate({ databaseUrl });
      expect((await seedCatalogue(client, NOW)).addedPrices).toBe(true);
    });
  });

  it('brings 0011 over requests that there are, counts them, and takes it back without losing one', async () => {
    await withClient(server.url, (client) => client.query('create database metered owner plain_owner'));
    const databaseUrl = ownerUrl.replace(/[^/]*$/, 'metered');
    await migrate({ databaseUrl });
    while (!(await rollback({ databaseUrl })).includes('0011_metering'));
    await withClient(databaseUrl, async (client) => {
      const rows = async (text: string) => (await client.query({ text, rowMode: 'array' })).rows;
      await client.query(`
        insert into plans (name, monthly_price_usd) values ('starter', 1), ('enterprise', 2);
        select set_config('app.tenant', '${DEMO_TENANT_ID}', false);
        insert into tenants (id, name, slug, region) values ('${DEMO_TENANT_ID}', '', '', 'eu');
        insert into requests (tenant_id, id, environment_id, provider, model, status, cost_usd, latency_ms, started_at)
        select '${DEMO_TENANT_ID}', md5(n::text)::uuid, '${DEMO_TENANT_ID}', 'openai', 'small',
          case n when 3 then 'estimated' else 'completed' end, n, 20 * n, '2026-01-01T22:30Z'::timestamptz + n * interval '1 hour'
        from generate_series(0, 3) as n;
        insert into usage_aggregates (tenant_id, period_start, period_end, unit, environment_id, provider, model, value, cost_usd)
        select tenant_id, hour, hour + interval '1 hour', unit, environment_id, provider, model, value, cost_usd
        from requests cross join date_trunc('hour', started_at, 'UTC') as hour
        cross join lateral (values ('requests', 1), ('tokens', 0), ('cost_usd', cost_usd)) as measure (unit, value);
        insert into request_events (tenant_id, request_id, ts, type) select tenant_id, id, started_at, 'test' from requests`);
      const before = await rows('select id, cost_usd, started_at from requests order by started_at');
      const usageBefore = await rows('select to_jsonb(usage_aggregates) from usage_aggregates order by id');
      await migrate({ databaseUrl });
      expect(await rows('select id, cost_usd, started_at from requests order by started_at')).toEqual(before);
      expect(
        await rows(`select unit, value::float8 from usage_aggregates where period_end - period_start = '1 day'
        order by period_start, unit`),
      ).toEqual([
        ...[
          ['cost_usd', 1],
          ['requests', 2],
          ['tokens', 0],
        ],
        ...[
          ['cost_usd', 5],
          ['requests', 2],
          ['tokens', 0],
        ],
      ]);
      expect(
        await rows(`select status, requests::int, latency_buckets, latency_counts::int[] from outcome_aggregates
        where period_end - period_start = '1 day' order by period_start, status`),
      ).toEqual([
        ['completed', 2, [0, 62], [1, 1]],
        ['completed', 1, [76], [1]],
        ['estimated', 1, [84], [1]],
      ]);
      expect(
        await rows(`select kind, available::float8, spent::float8, estimated::float8 from ledger_postings
        order by occurred_at`),
      ).toEqual([
        ['settled', 0, 0, 0],
        ['settled', -1, 1, 0],
        ['settled', -2, 2, 0],
        ['estimated', -3, 0, 3],
      ]);
      expect(await rows('select name, request_retention_days from plans order by name')).toEqual([
        ['enterprise', 365],
        ['starter', 30],
      ]);
      while (!(await rollback({ databaseUrl })).includes('0011_metering'));
      expect(await rows('select id, cost_usd, started_at from requests order by started_at')).toEqual(before);
      expect(await rows('select to_jsonb(usage_aggregates) from usage_aggregates order by id')).toEqual(usageBefore);
      expect(await rows('select count(*)::int from request_events')).toEqual([[4]]);
      await migrate({ databaseUrl });
      expect(await rows('select count(*)::int from ledger_postings')).toEqual([[4]]);
      await client.query(`select set_config('app.tenant', '', false)`);
      for (const table of ['requests', 'usage_aggregates', 'outcome_aggregates', 'ledger_postings', 'request_events'])
        expect(await rows(`select from ${table}`)).toEqual([]);
    });
  });

  it('takes 0030 back, and what its sums told apart is one sum, as if no policy had been told', async () => {
    await withClient(server.url, (client) => client.query('create database routed owner plain_owner'));
    const databaseUrl = ownerUrl.replace(/[^/]*$/, 'routed');
    await migrate({ databaseUrl });
    const random = seededRandom(30);
    const tenants = [crypto.randomUUID(), crypto.randomUUID()].map((tenantId) => ({
      ...{ tenantId, events: Array.from({ length: 300 }, (_, at) => recordedEvent(at, random)) },
    }));
    const stored = (tenantId: string) =>
      withClient(server.url.replace(/[^/]*$/, 'routed'), (client) =>
        storedLedger(async (text, values) => (await client.query(text, values)).rows, tenantId),
      );
    await withClient(databaseUrl, async (client) => {
      await seedCatalogue(client, NOW);
      for (const { tenantId, events } of tenants) {
        await client.query(`select set_config('app.tenant', $1, false)`, [tenantId]);
        await client.query(`insert into tenants (id, name, slug, region) values ($1::uuid, '', $1::text, 'eu')`, [
          tenantId,
        ]);
        await statementsOn(client).asTenant(tenantId, [recordStatement(tenantId, events.map(toRequestRow))]);
        expect(await stored(tenantId)).toEqual(ledgerOf(events));
      }
    });
    while (!(await rollback({ databaseUrl })).includes('0030_routing_sums'));
    await migrate({ databaseUrl });
    for (const { tenantId, events } of tenants) {
      expect(await stored(tenantId)).toEqual(ledgerOf(events.map(({ routing: _, ...event }) => event)));
      expect(await stored(tenantId)).not.toEqual(ledgerOf(events));
    }
    await withClient(databaseUrl, async (client) => {
      for (const table of ['usage_aggregates', 'outcome_aggregates'])
        expect((await client.query(`select from ${table}`)).rowCount).toBe(0);
    });
  });

  it('is refused a role for the Workers that could bypass row-level security', async () => {
    await withClient(server.url, (client) => client.query('alter role eufm_ledger bypassrls'));
    await expect(migrate({ databaseUrl: ownerUrl })).rejects.toThrow('eufm_ledger is exempt from row-level security');
    await withClient(server.url, (client) => client.query('alter role eufm_ledger nobypassrls'));
  });
});

describe('seedCatalogue', () => {
  it('leaves the same rows however often it runs, also at the same time', async () => {
    const before = await rowsOf(TABLES);
    const again = await Promise.all([1, 2, 3].map(() => withClient(ownerUrl, (client) => seedCatalogue(client, NOW))));
    expect(again.map(({ addedPrices }) => addedPrices)).toEqual([false, false, false]);
    expect(await rowsOf(TABLES)).toEqual(before);
  });

  it('repairs what was changed, and takes back a right that a built-in role should not have', async () => {
    const before = await rowsOf(TABLES);
    await withClient(server.url.replace(/[^/]*$/, 'plain'), (client) =>
      client.query(`
        update plans set monthly_price_usd = 1;
        delete from role_permissions where tenant_id is null and role_id = (select id from roles where name = 'owner');
        insert into role_permissions (role_id, permission_id)
          select roles.id, permissions.id from roles, permissions where roles.name = 'viewer'
          on conflict do nothing`),
    );
    expect(await rowsOf(TABLES)).not.toEqual(before);
    await withClient(ownerUrl, (client) => seedCatalogue(client, NOW));
    expect(await rowsOf(TABLES)).toEqual(before);
  });

  it('gives each built-in role its permissions', async () => {
    const rows = await query<{ name: string; permissions: string[] }>(`
      select roles.name, array_agg(permissions.name order by permissions.name) as permissions
      from roles join role_permissions on role_id = roles.id join permissions on permissions.id = permission_id
      group by roles.name`);
    expect(Object.fromEntries(rows.map(({ name, permissions }) => [name, permissions]))).toEqual(
      Object.fromEntries(Object.entries(ROLES).map(([name, { permissions }]) => [name, [...permissions].sort()])),
    );
    expect(await query('select from permissions')).toHaveLength(PERMISSIONS.length);
  });

  it('keeps old prices beside new ones, and has every tenant told', async () => {
    const later = new Date('2027-01-02T00:00:00Z'); // the bundled list raises a price on new year's day
    expect(readPriceList(later).id).not.toBe(readPriceList(NOW).id);
    await seedTenant();
    const { addedPrices } = await withClient(ownerUrl, (client) => seedCatalogue(client, later));
    expect(addedPrices).toBe(true);
    const versions = await query<{ id: string; prices: number }>(`
      select price_versions.id, count(*)::int as prices from price_versions join prices on price_version_id = id
      group by id order by created_at`);
    expect(versions.map(({ id }) => id)).toEqual([readPriceList(NOW).id, readPriceList(later).id]);
    const tenants = await query('select config_version as version from tenants');
    expect(tenants).toEqual([{ version: 2 }]);
  });
});

describe('the price list', () => {
  it.each([
    [0.15, 1_000_000n, '150000'],
    [0.01875, 1_000_000n, '18750'],
    [0.1 + 0.2, 1n, '300000000000.04'],
    [1e-7, 1n, '100000'],
    [1e21, 1_000_000n, '1000000000000000000000000000'],
    [12, 1_000n, '12000000000'],
    [0, 1_000_000n, '0'],
  ])('%d USD for %d units is %s pico-dollars each, or refused', (usd, units, expected) => {
    if (expected.includes('.')) expect(() => toPicoUsdPerUnit(usd, units)).toThrow('finer than a pico-dollar');
    else expect(toPicoUsdPerUnit(usd, units)).toBe(expected);
  });

  it('is the same, and has the same id, every time', () => {
    expect(readPriceList(NOW)).toEqual(readPriceList(NOW));
    expect(readPriceList(NOW).id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('has models of each provider, tiers, cached and written input, audio, searches, and fees per request', () => {
    const { prices } = readPriceList(NOW);
    const components = (provider: string, name: string) =>
      prices
        .filter((price) => price.provider === provider && price.model === name)
        .map(({ kind, fromInputTokens, picoUsdPerUnit }) => `${kind} ${fromInputTokens} ${picoUsdPerUnit}`);
    expect(components('openai', 'gpt-4o-mini')).toEqual([
      'cached_input 0 75000',
      'input 0 150000',
      'output 0 600000',
      'search 0 10000000000',
    ]);
    expect(components('openai', 'gpt-4o-mini-2024-07-18')).toEqual(components('openai', 'gpt-4o-mini'));
    expect(components('anthropic', 'claude-sonnet-4-5')).toContain('cache_write 200001 7500000');
    expect(components('google', 'gemini-2.5-pro')).toContain('output 200001 15000000');
    expect(components('perplexity', 'sonar')).toEqual(['input 0 1000000', 'output 0 1000000', 'request 0 12000000000']);
    expect(components('anthropic', 'claude-haiku-4-5')).toContain('search 0 10000000000');
    expect(components('google', 'gemini-2.5-flash')).toContain('audio_input 0 1000000');
    expect(components('openai', 'gpt-audio')).toEqual([
      'audio_input 0 32000000',
      'audio_output 0 64000000',
      'input 0 2500000',
      'output 0 10000000',
    ]);
    expect(components('mistral', 'mistral-large-latest')).toEqual(['input 0 2000000', 'output 0 6000000']);
    expect(components('mistral', 'mistral-embed')).toEqual(['input 0 100000']);
    expect(components('openai', 'text-embedding-3-small')).toEqual(['input 0 20000']);
    expect(components('google', 'gemini-embedding-2')).toEqual(['input 0 200000']);
    expect(components('openai', 'gpt-3.5-turbo-instruct')).toEqual(['input 0 1500000', 'output 0 2000000']);
    expect(components('openai', 'davinci')).toEqual(['input 0 20000000', 'output 0 20000000']);
    expect(components('openai', 'gpt-4o-audio-preview')).toEqual([]);
    expect(components('openai', 'gpt-4o-search-preview')).toEqual([]);
    expect(components('google', 'claude-opus-5')).toEqual([]);
    expect(components('perplexity', 'sonar-deep-research')).toEqual([]);
    expect(prices.some(({ provider }) => provider === 'openai-compatible')).toBe(false);
    expect(new Set(prices.map(({ provider, model }) => `${provider}/${model}`)).size).toBeGreaterThan(200);
  });

  it('prices requests as the package does', () => {
    const { prices } = readPriceList(NOW);
    const chatModels = prices.filter(({ kind, model }) => kind === 'input' && !model.includes('embed'));
    for (const { provider, model } of chatModels) {
      for (const inputTokens of [1, 128_001, 200_000, 200_001, 272_000, 272_001, 900_000]) {
        const usage = { input_tokens: inputTokens, output_tokens: 500 };
        const theirs = calcPrice(usage, model, { providerId: provider, timestamp: NOW })?.total_price ?? Number.NaN;
        const unit = (kind: string) =>
          prices
            .filter((price) => price.provider === provider && price.model === model && price.kind === kind)
            .filter(({ fromInputTokens }) => fromInputTokens <= inputTokens)
            .reduce((best, price) => (price.fromInputTokens >= best.fromInputTokens ? price : best), NO_PRICE);
        const ours =
          BigInt(unit('input').picoUsdPerUnit) * BigInt(inputTokens) +
          BigInt(unit('output').picoUsdPerUnit) * 500n +
          BigInt(unit('request').picoUsdPerUnit);
        expect(Number(ours) / 1e12).toBeCloseTo(theirs, 9);
      }
    }
  });
});

const NO_PRICE = { picoUsdPerUnit: '0', fromInputTokens: 0 };

async function seedTenant(): Promise<void> {
  const { key: apiKey } = mintApiKey({ region: 'eu', environment: 'dev', tenantId: DEMO_TENANT_ID });
  const options: DemoOptions = {
    apiKey,
    pepper: await importPepper(new Uint8Array(32)),
    seal: async (context, plaintext) => JSON.stringify([context, plaintext, Math.random()]),
    providers: [],
    identity: { issuer: 'https://issuer.test', subject: 'admin', email: 'admin@example.test', name: 'Admin' },
  };
  await withClient(ownerUrl, (client) => seedDemoTenant(client, options));
}

async function query<T extends object>(text: string): Promise<T[]> {
  return withClient(ownerUrl, async (client) => {
    await client.query(`select set_config('app.tenant', '${DEMO_TENANT_ID}', false)`);
    return (await client.query<T>(text)).rows;
  });
}

async function rowsOf(tables: readonly string[]): Promise<string[]> {
  const rows = await Promise.all(
    tables.map((table) =>
      query<{ row: string }>(`select '${table} ' || (to_jsonb(t) - 'created_at')::text as row from ${table} as t`),
    ),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .sort();
}
