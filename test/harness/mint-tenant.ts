import { env } from 'cloudflare:workers';
import { neon, neonConfig } from '@neondatabase/serverless';
import { hashApiKey, importPepper, mintApiKey } from '../../shared/auth/api-key.ts';
import type { ProviderName } from '../../shared/contracts/names.ts';
import { fromBase64 } from '../../shared/crypto/bytes.ts';
import { providerCredentials } from '../../shared/crypto/seal-contexts.ts';
import type { ComposedEnv } from './composed-worker.ts';

/** A tenant of its own for one test. */
export interface TestTenant {
  readonly tenantId: string;
  readonly environmentId: string;
  readonly apiKeyId: string;
  readonly apiKey: string;
  readonly userId: string;
  /** Headers of a request with the tenant's key. */
  readonly headers: Record<string, string>;
}

export interface TenantOptions {
  readonly region?: 'eu' | 'us';
  readonly scopes?: readonly string[];
  readonly provider?: ProviderName;
  readonly providerUrl?: string;
  /** A hard-stop budget over everything that the tenant spends, in USD. */
  readonly budgetUsd?: string;
  /** Ids that rows of another tenant have too. */
  readonly ids?: { readonly environmentId: string; readonly apiKeyId: string; readonly accountId: string };
}

export const testEnv: ComposedEnv = env;

/** The owner of the test's database: sees every tenant's rows. */
export function ownerSql() {
  neonConfig.fetchEndpoint = `${testEnv.NEON_ENDPOINT}/sql`;
  return neon(testEnv.OWNER_DATABASE_URL);
}

/** Creates a tenant with an environment, a key, and an account (OpenAI's unless said) at the provider mock. */
export async function mintTenant(options: TenantOptions = {}): Promise<TestTenant> {
  const { region = 'eu', scopes = ['orchestrate:invoke', 'usage:read'] } = options;
  const { provider = 'openai', providerUrl = testEnv.PROVIDER_URL } = options;
  const [tenantId, userId] = [crypto.randomUUID(), crypto.randomUUID()];
  const { environmentId, apiKeyId, accountId } = options.ids ?? newIds();
  const { key, keyPrefix } = mintApiKey({ region, environment: 'dev', tenantId });
  const pepper = await importPepper(fromBase64(testEnv.API_KEY_PEPPER) ?? new Uint8Array());
  const context = providerCredentials(tenantId, accountId);
  const sealed = await testEnv.VAULT.seal(context, JSON.stringify({ apiKey: 'sk-of-the-test-tenant' }));
  const keyHash = await hashApiKey(pepper, key);
  const sql = ownerSql();
  await sql.transaction([
    sql`insert into tenants (id, name, slug, region) values (${tenantId}, 'Test', ${tenantId}, ${region})`,
    sql`insert into environments (id, tenant_id, name, type) values (${environmentId}, ${tenantId}, 'dev', 'dev')`,
    sql`insert into api_keys (id, tenant_id, environment_id, name, key_prefix, key_hash, scopes)
        values (${apiKeyId}, ${tenantId}, ${environmentId}, 'test', ${keyPrefix}, ${keyHash}, ${[...scopes]})`,
    sql`insert into provider_accounts (id, tenant_id, provider, account_label, base_url, encrypted_credentials)
        values (${accountId}, ${tenantId}, ${provider}, 'mock', ${`${providerUrl}/v1`}, ${sealed})`,
    sql`insert into users (id, email, name) values (${userId}, ${`${userId}@example.test`}, 'Member')`,
    ...(options.budgetUsd === undefined
      ? []
      : [
          sql`insert into budgets (tenant_id, name, amount_usd, period) values (${tenantId}, 'cap', ${options.budgetUsd}, 'total')`,
        ]),
  ]);
  const headers = { 'x-api-key': key, 'x-tenant-id': tenantId, 'content-type': 'application/json' };
  return { tenantId, environmentId, apiKeyId, apiKey: key, userId, headers };
}

/** Gives a tenant a further account, at a provider that is not called elsewhere. */
export async function addAccount({ tenantId }: TestTenant, provider: ProviderName, providerUrl: string): Promise<void> {
  const id = crypto.randomUUID();
  const sealed = await testEnv.VAULT.seal(providerCredentials(tenantId, id), JSON.stringify({ apiKey: 'sk-further' }));
  await ownerSql()`insert into provider_accounts (id, tenant_id, provider, account_label, base_url, encrypted_credentials)
    values (${id}, ${tenantId}, ${provider}, 'further', ${`${providerUrl}/v1`}, ${sealed})`;
}

function newIds(): NonNullable<TenantOptions['ids']> {
  return { environmentId: crypto.randomUUID(), apiKeyId: crypto.randomUUID(), accountId: crypto.randomUUID() };
}

/** Makes the token's subject (MEMBER_TOKEN) a member of a tenant with a built-in role. */
export async function addMember({ tenantId }: TestTenant, role: string): Promise<void> {
  const sql = ownerSql();
  await sql`insert into users (id, email, name) values ('00000000-0000-4000-8000-00000000000a', 'member@example.test', 'Member')
            on conflict do nothing`;
  await sql`insert into identities (user_id, provider, issuer, subject)
            values ('00000000-0000-4000-8000-00000000000a', 'oidc', ${testEnv.OIDC_ISSUER}, ${testEnv.MEMBER_SUBJECT})
            on conflict do nothing`;
  await sql`insert into user_roles (tenant_id, user_id, role_id)
            select ${tenantId}, '00000000-0000-4000-8000-00000000000a', id from roles where name = ${role} and tenant_id is null`;
}
