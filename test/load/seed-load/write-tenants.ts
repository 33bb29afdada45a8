import type pg from 'pg';
import { environmentIdOf, type Lane, type PricedModel, tenantIdOf } from './lanes.ts';
import type { LoadOptions } from './load-options.ts';

/** Models that the lanes go to, as far as the newest price list has them. */
const MODELS = [
  ['openai', 'gpt-4o-mini'],
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-4.1-mini'],
  ['anthropic', 'claude-sonnet-4-5'],
  ['anthropic', 'claude-haiku-4-5'],
  ['google', 'gemini-2.5-flash'],
  ['google', 'gemini-2.0-flash'],
  ['mistral', 'mistral-small-latest'],
];

export interface NewestPrices {
  readonly version: string;
  readonly models: readonly PricedModel[];
}

/** What plain tokens of the models cost by the newest price list. Throws when it has none of them. */
export async function readNewestPrices(client: pg.Client): Promise<NewestPrices> {
  const { rows } = await client.query<PricedModel & { version: string }>(
    `with newest as (select id from price_versions order by created_at desc, id limit 1),
     plain as (
       select price_version_id as version, provider, model,
         max(pico_usd_per_unit) filter (where kind = 'input') as input,
         max(pico_usd_per_unit) filter (where kind = 'cached_input') as cached,
         max(pico_usd_per_unit) filter (where kind = 'output') as output
       from prices join newest on id = price_version_id
       group by price_version_id, provider, model
       having max(from_input_tokens) = 0 and not bool_or(kind = 'request')
     )
     select version, provider, model, input::text, coalesce(cached, input)::text as "cachedInput", output::text
     from jsonb_array_elements($1) with ordinality as wanted (pair, place)
     join plain on provider = pair ->> 0 and model = pair ->> 1
     where input is not null and output is not null
     order by place`,
    [JSON.stringify(MODELS)],
  );
  const [first] = rows;
  if (!first) throw new Error('the price list has none of the models that requests are generated for');
  return { version: first.version, models: rows };
}

/** The tenants of a generated year, with environments and with keys that nobody has. Any number of runs leaves the same. */
export async function writeTenants(client: pg.Client, options: LoadOptions, lanes: readonly Lane[]): Promise<void> {
  const { seed, tenants } = options;
  const ranks = Array.from({ length: tenants }, (_, at) => at + 1);
  const rows = ranks.map((rank) => ({
    id: tenantIdOf(seed, rank),
    name: `Load ${rank}`,
    slug: `load-${seed}-${rank}`,
    prod: environmentIdOf(seed, rank, 'prod'),
    staging: environmentIdOf(seed, rank, 'staging'),
  }));
  await client.query(
    `with tenant as (
       select * from jsonb_to_recordset($1) as tenant (id uuid, name text, slug text, prod uuid, staging uuid)
     ), made as (
       insert into tenants (id, name, slug, plan, region)
       select id, name, slug, 'enterprise_plus', 'eu' from tenant on conflict (id) do nothing
     )
     insert into environments (tenant_id, id, name, type)
     select id, environment, kind, kind from tenant
     cross join lateral (values (prod, 'prod'), (staging, 'staging')) as environments (environment, kind)
     on conflict (tenant_id, id) do nothing`,
    [JSON.stringify(rows)],
  );
  const keys = [...new Map(lanes.map((lane) => [lane.apiKeyId, lane])).values()];
  await client.query(
    `insert into api_keys (tenant_id, id, environment_id, name, key_prefix, key_hash, scopes)
     select "tenantId", "apiKeyId", "environmentId", 'load ' || "apiKeyId", 'eufm_load', 'none: ' || "apiKeyId", '{}'
     from jsonb_to_recordset($1) as key ("tenantId" uuid, "apiKeyId" uuid, "environmentId" uuid)
     on conflict (tenant_id, id) do nothing`,
    [JSON.stringify(keys)],
  );
}
