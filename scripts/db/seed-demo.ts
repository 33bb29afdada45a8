import type pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { hashApiKey, keyPrefixOf, parseApiKey } from '../../shared/auth/api-key.ts';
import { ROLES } from '../../shared/auth/permissions.ts';
import type { ProviderName } from '../../shared/contracts/names.ts';
import type { SealContext } from '../../shared/contracts/rpc.ts';
import { providerCredentials } from '../../shared/crypto/seal-contexts.ts';
import { inTransaction } from './connection.ts';

/** The demo tenant's ids are fixed: row-level security lets nobody look for a tenant whose id they do not know. */
export const DEMO_TENANT_ID = '01990000-0000-7000-8000-000000000001';
const ENVIRONMENT_ID = '01990000-0000-7000-8000-000000000002';
const API_KEY_ID = '01990000-0000-7000-8000-000000000003';
const USER_ID = '01990000-0000-7000-8000-000000000004';
const IDENTITY_ID = '01990000-0000-7000-8000-000000000005';

export interface DemoProvider {
  readonly provider: ProviderName;
  readonly label: string;
  /** Null: the vendor's own. */
  readonly baseUrl: string | null;
  readonly apiKey: string;
}

export interface DemoOptions {
  /** A key minted for `DEMO_TENANT_ID`. */
  readonly apiKey: string;
  readonly pepper: CryptoKey;
  readonly seal: (context: SealContext, plaintext: string) => Promise<string>;
  readonly providers: readonly DemoProvider[];
  /** Who becomes the tenant's owner. */
  readonly identity: {
    readonly issuer: string;
    readonly subject: string;
    readonly email: string;
    readonly name: string;
  };
}

export interface DemoTenant {
  readonly tenantId: string;
  readonly environmentId: string;
  /** If the data plane must be told; the configuration version was raised. */
  readonly changed: boolean;
}

/**
 * Makes the demo tenant what the options say: an environment, an API key, provider accounts and an owner. Any number of
 * runs with the same options changes nothing. Accounts that others added stay. Needs `seedCatalogue` first.
 */
export async function seedDemoTenant(client: pg.Client, options: DemoOptions): Promise<DemoTenant> {
  return inTransaction(client, async () => {
    await client.query(`select set_config('app.tenant', $1, true)`, [DEMO_TENANT_ID]);
    const isNew = await seedTenant(client, options);
    const keyChanged = await seedApiKey(client, options);
    const accountsChanged = await seedProviderAccounts(client, options);
    await seedOwner(client, options);
    const changed = isNew || keyChanged || accountsChanged;
    if (changed && !isNew) {
      await client.query('update tenants set config_version = config_version + 1, updated_at = now() where id = $1', [
        DEMO_TENANT_ID,
      ]);
    }
    return { tenantId: DEMO_TENANT_ID, environmentId: ENVIRONMENT_ID, changed };
  });
}

async function seedTenant(client: pg.Client, { apiKey }: DemoOptions): Promise<boolean> {
  const claims = parseApiKey(apiKey);
  if (claims?.tenantId !== DEMO_TENANT_ID) throw new Error('the key was not minted for the demo tenant');
  const { rowCount } = await client.query(
    `insert into tenants (id, name, slug, region) values ($1, 'Demo', 'demo', $2) on conflict (id) do nothing`,
    [DEMO_TENANT_ID, claims.region],
  );
  await client.query(
    `insert into environments (tenant_id, id, name, type) values ($1, $2, $3, $3) on conflict (tenant_id, id) do nothing`,
    [DEMO_TENANT_ID, ENVIRONMENT_ID, claims.environment],
  );
  return rowCount === 1;
}

async function seedApiKey(client: pg.Client, { apiKey, pepper }: DemoOptions): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into api_keys (tenant_id, id, environment_id, name, key_prefix, key_hash, scopes)
     values ($1, $2, $3, 'demo', $4, $5, $6)
     on conflict (tenant_id, id) do update
       set key_prefix = excluded.key_prefix, key_hash = excluded.key_hash, scopes = excluded.scopes, revoked_at = null
       where (api_keys.key_hash, api_keys.scopes) is distinct from (excluded.key_hash, excluded.scopes)
         or api_keys.revoked_at is not null`,
    [
      DEMO_TENANT_ID,
      API_KEY_ID,
      ENVIRONMENT_ID,
      keyPrefixOf(apiKey),
      await hashApiKey(pepper, apiKey),
      ROLES.developer.permissions,
    ],
  );
  return rowCount === 1;
}

/** A sealed credential looks new every time; a fingerprint of what is in it tells if it changed. */
async function seedProviderAccounts(client: pg.Client, { providers, pepper, seal }: DemoOptions): Promise<boolean> {
  const removed = await client.query(
    `delete from provider_accounts where meta ? 'demoFingerprint'
       and (provider, account_label) not in (select provider, label from jsonb_to_recordset($1) as kept (provider text, label text))`,
    [JSON.stringify(providers)],
  );
  let changes = removed.rowCount ?? 0;
  for (const { provider, label, baseUrl, apiKey } of providers) {
    const credentials = JSON.stringify({ apiKey });
    const fingerprint = await hashApiKey(pepper, credentials);
    const { rows } = await client.query<{ id: string; isCurrent: boolean }>(
      `select id, meta ->> 'demoFingerprint' = $3 and base_url is not distinct from $4 as "isCurrent"
       from provider_accounts where tenant_id = $1 and provider = $2 and account_label = $5`,
      [DEMO_TENANT_ID, provider, fingerprint, baseUrl, label],
    );
    if (rows[0]?.isCurrent) continue;
    const id = rows[0]?.id ?? uuidv7();
    const context = providerCredentials(DEMO_TENANT_ID, id);
    await client.query(
      `insert into provider_accounts (tenant_id, id, provider, account_label, base_url, encrypted_credentials, meta)
       values ($1, $2, $3, $4, $5, $6, jsonb_build_object('demoFingerprint', $7::text))
       on conflict (tenant_id, id) do update
         set base_url = excluded.base_url, encrypted_credentials = excluded.encrypted_credentials, meta = excluded.meta`,
      [DEMO_TENANT_ID, id, provider, label, baseUrl, await seal(context, credentials), fingerprint],
    );
    changes += 1;
  }
  return changes > 0;
}

/** The role comes first: a tenant sees, and may write, only people who have one. */
async function seedOwner(client: pg.Client, { identity }: DemoOptions): Promise<void> {
  await client.query(
    `insert into user_roles (tenant_id, user_id, role_id)
     select $1, $2, id from roles where tenant_id is null and name = 'owner'
     on conflict do nothing`,
    [DEMO_TENANT_ID, USER_ID],
  );
  await client.query(
    `insert into users (id, email, name) values ($1, $2, $3)
     on conflict (id) do update set email = excluded.email, name = excluded.name`,
    [USER_ID, identity.email, identity.name],
  );
  await client.query(
    `insert into identities (id, user_id, provider, issuer, subject) values ($1, $2, 'oidc', $3, $4)
     on conflict (id) do update set issuer = excluded.issuer, subject = excluded.subject`,
    [IDENTITY_ID, USER_ID, identity.issuer, identity.subject],
  );
}
