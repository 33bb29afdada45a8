import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_TENANT_ID } from '../../../scripts/db/seed-demo.ts';
import { DEFAULT_MODELS } from '../../../shared/providers/default-models.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { dataFolder, type Product, query, startProduct } from '../../harness/product.ts';
import { CLIENTS } from './clients.ts';
import { type Outcome, tableOf } from './compatibility-table.ts';
import { EXTRAS } from './extras.ts';
import { CLIENT_PROVIDERS, type ClientProvider, type Feature, type Target } from './feature.ts';
import { startVendors, type Vendors } from './vendors.ts';

const PAGE = join(import.meta.dirname, '../../../docs/clients/compatibility.md');

const EMBEDDING_MODELS: { readonly [Provider in ClientProvider]?: string } = {
  openai: 'text-embedding-3-small',
  google: 'gemini-embedding-001',
  perplexity: 'perplexity/pplx-embed-v1-0.6b',
  mistral: 'mistral-embed',
};

const POLICY = 'cheap-first';

const stack = new AsyncDisposableStack();
let product: Product;
let vendors: Vendors;

beforeAll(async () => {
  const folder = stack.use(dataFolder());
  const database = stack.adopt(await createTestDatabase(), (it) => it.close());
  await configure(database.url);
  vendors = stack.use(await startVendors());
  product = stack.use(await startProduct(folder.path, { DATABASE_URL: database.url, ...vendors.settings }));
});

afterAll(async () => {
  await stack.disposeAsync();
});

/** Gives the demo tenant, before its first start, a routing policy and a price that the catalogue lacks. */
async function configure(databaseUrl: string): Promise<void> {
  const strategy = { candidates: [{ provider: 'mistral', model: DEFAULT_MODELS.mistral, weight: 1 }] };
  await query(databaseUrl, `insert into tenants (id, name, slug, region) values ($1, 'Demo', 'demo', 'eu')`, [
    DEMO_TENANT_ID,
  ]);
  await query(databaseUrl, 'insert into routing_policies (tenant_id, name, strategy) values ($1, $2, $3)', [
    DEMO_TENANT_ID,
    POLICY,
    JSON.stringify(strategy),
  ]);
  await query(
    databaseUrl,
    `insert into price_overrides (tenant_id, provider, model, kind, pico_usd_per_unit)
     values ($1, 'perplexity', 'pplx-embed-v1-0.6b', 'input', 4000)`,
    [DEMO_TENANT_ID],
  );
}

function targetAt(provider: ClientProvider): Target {
  const start = vendors.seen.length;
  const { baseUrl, apiKey } = product.dev;
  return {
    provider,
    model: DEFAULT_MODELS[provider],
    embeddingModel: EMBEDDING_MODELS[provider],
    baseUrl,
    apiKey,
    seen: () => vendors.seen.slice(start),
  };
}

/** Tries a feature; where it is limited, it must fail, and what is documented must happen. */
async function outcomeOf(feature: Feature, provider: ClientProvider): Promise<Outcome> {
  const limit = feature.limits?.[provider];
  if (!limit) {
    await feature.run(targetAt(provider));
    return { works: true, remark: feature.notes?.[provider] };
  }
  await expect(feature.run(targetAt(provider)), 'it works, against the table').rejects.toThrow();
  await limit.instead(targetAt(provider));
  return { works: false, remark: limit.why };
}

const outcomes = new Map<string, Outcome>();

describe.each(CLIENTS)('$name', ({ name: client, features }) => {
  describe.each(features)('$name', (feature) => {
    it.each(CLIENT_PROVIDERS)('with %s', async (provider) => {
      outcomes.set([client, feature.name, provider].join('\n'), await outcomeOf(feature, provider));
    });
  });
});

describe('what the product adds', () => {
  it.each(EXTRAS)('$name', async ({ run }) => {
    await run(targetAt('mistral'), { policy: POLICY, databaseUrl: product.dev.databaseUrl });
  });
});

describe('the published table', () => {
  it('says what came of it', () => {
    const page = tableOf(CLIENTS, (...cell) => outcomes.get(cell.join('\n')));
    if (process.env.UPDATE_COMPATIBILITY === '1') writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });
});
