import type pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { inTransaction, withClient } from '../../scripts/db/connection.ts';
import { hashApiKey, mintApiKey } from '../../shared/auth/api-key.ts';
import { type DirectKey, sealDirectly } from '../../shared/crypto/direct-envelope.ts';
import { providerCredentials } from '../../shared/crypto/seal-contexts.ts';
import type { Caller } from './requests.ts';

/** Rules of a tenant: half budgets, half rate limits (of requests, tokens and concurrency), that no run uses up. */
export interface RuleSpec {
  readonly count: number;
  /** Whether they are about the requests that are sent, or about another environment and another provider. */
  readonly isMatching: boolean;
}

export interface TenantSpec {
  readonly keys: number;
  readonly rules: RuleSpec;
  /** Its accounts at OpenAI; absent: one at the upstream. */
  readonly accounts?: readonly { readonly label: string; readonly baseUrl: string }[];
  /** The strategy of its default routing policy; absent: it has none. */
  readonly strategy?: object;
  /** What its keys may do; absent: call models and read usage. */
  readonly scopes?: readonly string[];
}

export interface SeedOptions {
  readonly databaseUrl: string;
  readonly pepper: CryptoKey;
  readonly kek: DirectKey;
  /** Base URL of every tenant's account at OpenAI. */
  readonly providerUrl: string;
}

type Rows = Readonly<Record<(typeof TABLES)[number], object[]>>;

/** In the order in which rows may refer to each other. */
const TABLES = [
  ...(['tenants', 'environments', 'api_keys', 'provider_accounts'] as const),
  ...(['budgets', 'rate_limits', 'routing_policies'] as const),
] as const;
const SCOPES = ['orchestrate:invoke', 'usage:read', 'events:read'];
/** Its quota is ten million calls a month: counted, and never used up. */
const PLAN = 'enterprise';
const [UNREACHED_USD, UNREACHED] = ['1000000000', 1_000_000_000];
const WINDOW_SECONDS = 60;
/** Tenants whose rows go to the database together. */
const AT_ONCE = 500;

/** Writes tenants straight into the database's tables, as many as asked for, and answers the keys of each. */
export async function seedTenants(options: SeedOptions, specs: readonly TenantSpec[]): Promise<Caller[][]> {
  const callers: Caller[][] = [];
  await withClient(options.databaseUrl, async (client) => {
    for (let from = 0; from < specs.length; from += AT_ONCE) {
      const rows: Rows = {
        ...{ tenants: [], environments: [], api_keys: [], provider_accounts: [] },
        ...{ budgets: [], rate_limits: [], routing_policies: [] },
      };
      for (const spec of specs.slice(from, from + AT_ONCE)) callers.push(await addTenant(rows, spec, options));
      await inTransaction(client, () => insert(client, rows));
    }
  });
  return callers;
}

/** Columns that the rows do not name keep their defaults. */
async function insert(client: pg.Client, rows: Rows): Promise<void> {
  for (const table of TABLES) {
    const [first] = rows[table];
    if (!first) continue;
    const columns = Object.keys(first).join(', ');
    const source = `select ${columns} from jsonb_populate_recordset(null::${table}, $1)`;
    await client.query(`insert into ${table} (${columns}) ${source}`, [JSON.stringify(rows[table])]);
  }
}

async function addTenant(rows: Rows, spec: TenantSpec, options: SeedOptions): Promise<Caller[]> {
  const {
    keys,
    rules,
    accounts = [{ label: 'bench', baseUrl: options.providerUrl }],
    strategy,
    scopes = SCOPES,
  } = spec;
  const [tenantId, environmentId, otherEnvironmentId] = [uuidv7(), uuidv7(), uuidv7()];
  const tenant = { tenant_id: tenantId };
  rows.tenants.push({ id: tenantId, name: 'Bench', slug: tenantId, plan: PLAN, region: 'eu' });
  rows.environments.push(
    { ...tenant, id: environmentId, name: 'dev', type: 'dev' },
    { ...tenant, id: otherEnvironmentId, name: 'staging', type: 'staging' },
  );
  for (const { label, baseUrl } of accounts) {
    const id = uuidv7();
    const place = providerCredentials(tenantId, id);
    rows.provider_accounts.push({
      ...{ ...tenant, id, provider: 'openai', account_label: label, base_url: baseUrl, meta: {} },
      encrypted_credentials: await sealDirectly(options.kek, place, JSON.stringify({ apiKey: 'sk-bench' })),
    });
  }
  if (strategy)
    rows.routing_policies.push({ ...tenant, id: uuidv7(), name: 'bench', strategy, enabled: true, is_default: true });
  for (let index = 0; index < rules.count; index++) {
    const rule = { ...tenant, id: uuidv7(), name: `rule ${index}` };
    if (index % 2 === 0) {
      const scope = rules.isMatching ? {} : { provider: 'anthropic' };
      rows.budgets.push({ ...rule, amount_usd: UNREACHED_USD, period: 'month', scope });
    } else {
      const environment_id = rules.isMatching ? null : otherEnvironmentId;
      const maxima = { max_requests: UNREACHED, max_tokens: UNREACHED, max_concurrent: UNREACHED };
      rows.rate_limits.push({ ...rule, environment_id, window_seconds: WINDOW_SECONDS, ...maxima });
    }
  }
  const callers: Caller[] = [];
  for (let index = 0; index < keys; index++) {
    const { key, keyPrefix } = mintApiKey({ region: 'eu', environment: 'dev', tenantId });
    const row = { ...tenant, id: uuidv7(), environment_id: environmentId, name: `key ${index}`, scopes };
    rows.api_keys.push({ ...row, key_prefix: keyPrefix, key_hash: await hashApiKey(options.pepper, key) });
    callers.push({ tenantId, apiKey: key });
  }
  return callers;
}
