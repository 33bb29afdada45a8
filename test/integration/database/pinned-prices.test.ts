import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RequestRecorded } from '../../../shared/contracts/queues.ts';
import type { ModelOffer, PriceComponent } from '../../../shared/contracts/tenant-snapshot.ts';
import type { Usage } from '../../../shared/contracts/usage.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { costOf } from '../../../shared/domain/pricing/cost.ts';
import { loadTenantSnapshot } from '../../../shared/services/load-tenant-snapshot.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { createTestDatabase } from '../../harness/postgres.ts';

const MODELS = ['gpt-6-luna', 'gpt-audio', 'claude-sonnet-4-5', 'gemini-2.5-pro', 'sonar', 'mistral-large-latest'];
const REQUESTS = 300;
const START = Date.UTC(2026, 10, 1);

const tenantId = crypto.randomUUID();
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
  await owner.query(`insert into tenants (id, name, slug, region) values ('${tenantId}', 'Test', 'test', 'eu')`);
  await owner.query(
    `insert into provider_accounts (tenant_id, provider, account_label, encrypted_credentials)
     select $1, provider, 'test', 'sealed' from (select distinct provider from prices) as offered`,
    [tenantId],
  );
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

it('M6: what a request cost is reproduced from the ledger, by the prices of the version that it was pinned to', async () => {
  const pinned = await loadTenantSnapshot({ db, tenantId });
  const offers = pinned?.models.filter(({ model }) => MODELS.includes(model)) ?? [];
  expect(offers).toHaveLength(MODELS.length);
  const newVersion = await doublePrices(); // while the requests run
  expect((await loadTenantSnapshot({ db, tenantId }))?.priceVersion).toBe(newVersion);

  const usages = fc.sample(anyUsage, { numRuns: REQUESTS, seed: 6 });
  const events = usages.map((usage, at) => recorded(offers, pinned?.priceVersion ?? '', usage, at));
  await recordRequests({ db, tenantId, events });

  const ledger = await readLedger();
  expect(ledger).toHaveLength(REQUESTS);
  for (const { cost, spent, version, provider, model, usage } of ledger) {
    expect(costOf(await componentsAt(version, provider, model), usage)).toBe(BigInt(cost));
    expect(spent).toBe(cost);
    // Control: the prices of now would give another cost.
    if (cost !== '0') expect(costOf(await componentsAt(newVersion, provider, model), usage)).not.toBe(BigInt(cost));
  }
});

it('M6: a request at a tenant’s own prices is reproduced from its row, whatever became of them', async () => {
  const priceOf = (picoUsd: number) =>
    owner.query(
      `insert into price_overrides (tenant_id, provider, model, kind, pico_usd_per_unit)
       values ($1, 'openai', 'gpt-6-luna', 'output', $2)
       on conflict (tenant_id, provider, model, kind, from_input_tokens) do update set pico_usd_per_unit = $2`,
      [tenantId, picoUsd],
    );
  await priceOf(7);
  const pinned = await loadTenantSnapshot({ db, tenantId });
  const offer = pinned?.models.find(({ model }) => model === 'gpt-6-luna');
  if (!pinned || !offer) throw new Error('the model is offered');
  const event = recorded([offer], pinned.priceVersion, { inputTokens: 1_000, outputTokens: 10 }, 0);
  await recordRequests({ db, tenantId, events: [event] });
  await priceOf(9);

  const { rows } = await owner.query<{ cost: string; ownPrices: PriceComponent[] }>(
    'select trunc(cost_usd * 1e12)::text as cost, own_prices as "ownPrices" from requests where id = $1',
    [event.requestId],
  );
  const usage = { inputTokens: 1_000, outputTokens: 10 };
  expect(costOf(rows[0]?.ownPrices ?? [], usage)).toBe(BigInt(rows[0]?.cost ?? -1));
  // Control: neither the prices of now nor those of its version alone give its cost.
  const now = (await loadTenantSnapshot({ db, tenantId }))?.models.find(({ model }) => model === 'gpt-6-luna');
  expect(costOf(now?.components ?? [], usage)).not.toBe(BigInt(rows[0]?.cost ?? -1));
  const catalogue = await componentsAt(pinned.priceVersion, 'openai', 'gpt-6-luna');
  expect(costOf(catalogue, usage)).not.toBe(BigInt(rows[0]?.cost ?? -1));
});

const tokens = fc.nat(400_000);
const anyUsage: fc.Arbitrary<Usage> = fc.record({
  inputTokens: tokens,
  outputTokens: tokens,
  audioInputTokens: fc.nat(1_000),
  audioOutputTokens: fc.nat(1_000),
  cacheWriteTokens: fc.nat(1_000),
  cachedInputTokens: tokens,
  searches: fc.nat(10),
});

function recorded(offers: readonly ModelOffer[], priceVersion: string, usage: Usage, at: number): RequestRecorded {
  const offer = offers[at % offers.length];
  if (!offer) throw new Error('no offers');
  return {
    type: 'request.recorded',
    requestId: crypto.randomUUID(),
    revision: 1,
    environmentId: tenantId,
    apiKeyId: null,
    provider: offer.provider,
    model: offer.model,
    taskType: 'chat',
    status: 'completed',
    errorCode: null,
    usage,
    costPicoUsd: String(costOf(offer.components, usage)),
    priceVersion,
    ...(offer.hasOwnPrices && { ownPrices: offer.components }),
    latencyMs: 1,
    startedAt: START,
    endedAt: START,
    traceId: null,
    metadata: {},
  };
}

/** A newer version of the catalogue, in which everything costs twice as much. */
async function doublePrices(): Promise<string> {
  const id = crypto.randomUUID();
  await owner.query(`insert into price_versions (id, source) values ($1, 'test')`, [id]);
  await owner.query(
    `insert into prices
     select $1, provider, model, context_tokens, kind, from_input_tokens, pico_usd_per_unit * 2 from prices`,
    [id],
  );
  return id;
}

interface LedgerRow {
  readonly cost: string;
  /** What was posted as spent. */
  readonly spent: string;
  readonly version: string;
  readonly provider: string;
  readonly model: string;
  readonly usage: Usage;
}

async function readLedger(): Promise<LedgerRow[]> {
  const { rows } = await owner.query<LedgerRow>(
    `select trunc(cost_usd * 1e12)::text as cost, trunc(spent * 1e12)::text as spent, price_version_id as version,
       provider, model, json_build_object(
       'inputTokens', input_token_count, 'outputTokens', output_token_count, 'searches', search_count,
       'audioInputTokens', audio_input_token_count, 'audioOutputTokens', audio_output_token_count,
       'cacheWriteTokens', cache_write_token_count, 'cachedInputTokens', cached_input_token_count) as usage
     from requests join ledger_postings using (tenant_id) where tenant_id = $1 and event_id = requests.id`,
    [tenantId],
  );
  return rows;
}

async function componentsAt(version: string, provider: string, model: string): Promise<PriceComponent[]> {
  const { rows } = await owner.query<PriceComponent>(
    `select kind, pico_usd_per_unit::text as "picoUsdPerUnit", from_input_tokens as "fromInputTokens"
     from prices where (price_version_id, provider, model) = ($1, $2, $3)`,
    [version, provider, model],
  );
  return rows;
}
