import type pg from 'pg';
import { PERMISSION_DESCRIPTIONS, ROLES } from '../../shared/auth/permissions.ts';
import { inTransaction } from './connection.ts';
import { readPriceList } from './price-list.ts';

const PLANS = [
  {
    name: 'starter',
    usd: '999',
    isPriceFrom: false,
    members: 5,
    calls: 100_000,
    requestDays: 30,
    hourlyDays: 400,
    auditDays: 365,
  },
  {
    name: 'professional',
    usd: '4999',
    isPriceFrom: false,
    members: 25,
    calls: 1_000_000,
    requestDays: 90,
    hourlyDays: 400,
    auditDays: 730,
  },
  {
    name: 'enterprise',
    usd: '19999',
    isPriceFrom: false,
    members: null,
    calls: 10_000_000,
    requestDays: 365,
    hourlyDays: 400,
    auditDays: 2_555,
  },
  {
    name: 'enterprise_plus',
    usd: '50000',
    isPriceFrom: true,
    members: null,
    calls: null,
    requestDays: 730,
    hourlyDays: 400,
    auditDays: 2_555,
  },
];

export interface SeedResult {
  readonly priceVersion: string;
  /** If this list of prices was new to the database. */
  readonly addedPrices: boolean;
}

/**
 * Brings plans, permissions, built-in roles and the price list up to date. Any number of runs leaves the same rows. New
 * prices raise every tenant's configuration version, so that the ledger hands them over. Runs as the tables' owner.
 */
export async function seedCatalogue(client: pg.Client, now = new Date()): Promise<SeedResult> {
  return inTransaction(client, async () => {
    await seedPlans(client);
    await seedPermissions(client);
    await seedRoles(client);
    return seedPrices(client, now);
  });
}

async function seedPlans(client: pg.Client): Promise<void> {
  await client.query(
    `insert into plans (name, monthly_price_usd, is_price_from, member_limit, monthly_call_limit,
       request_retention_days, hourly_retention_days, audit_retention_days)
     select name, usd, "isPriceFrom", members, calls, "requestDays", "hourlyDays", "auditDays"
     from jsonb_to_recordset($1) as plan (name text, usd numeric, "isPriceFrom" boolean, members integer, calls bigint,
       "requestDays" integer, "hourlyDays" integer, "auditDays" integer)
     on conflict (name) do update set
       monthly_price_usd = excluded.monthly_price_usd,
       is_price_from = excluded.is_price_from,
       member_limit = excluded.member_limit,
       monthly_call_limit = excluded.monthly_call_limit,
       request_retention_days = excluded.request_retention_days,
       hourly_retention_days = excluded.hourly_retention_days,
       audit_retention_days = excluded.audit_retention_days`,
    [JSON.stringify(PLANS)],
  );
}

async function seedPermissions(client: pg.Client): Promise<void> {
  await client.query(
    `insert into permissions (name, description)
     select key, value from jsonb_each_text($1)
     on conflict (name) do update set description = excluded.description`,
    [JSON.stringify(PERMISSION_DESCRIPTIONS)],
  );
}

async function seedRoles(client: pg.Client): Promise<void> {
  const roles = JSON.stringify(ROLES);
  await client.query(
    `insert into roles (tenant_id, name, description)
     select null, key, value ->> 'description' from jsonb_each($1)
     on conflict (tenant_id, name) do update set description = excluded.description`,
    [roles],
  );
  const granted = `
    select roles.id as role_id, permissions.id as permission_id
    from jsonb_each($1) as role
    cross join jsonb_array_elements_text(role.value -> 'permissions') as permission
    join roles on roles.name = role.key and roles.tenant_id is null
    join permissions on permissions.name = permission`;
  await client.query(
    `insert into role_permissions (tenant_id, role_id, permission_id)
     select null, role_id, permission_id from (${granted}) as granted
     on conflict do nothing`,
    [roles],
  );
  await client.query(
    `delete from role_permissions where tenant_id is null and (role_id, permission_id) not in (${granted})`,
    [roles],
  );
}

async function seedPrices(client: pg.Client, now: Date): Promise<SeedResult> {
  const { id, source, prices } = readPriceList(now);
  const { rowCount } = await client.query(
    'insert into price_versions (id, source) values ($1, $2) on conflict do nothing',
    [id, source],
  );
  if (rowCount === 0) return { priceVersion: id, addedPrices: false };
  await client.query(
    `insert into prices (price_version_id, provider, model, context_tokens, kind, from_input_tokens, pico_usd_per_unit)
     select $1, provider, model, "contextTokens", kind, "fromInputTokens", "picoUsdPerUnit"
     from jsonb_to_recordset($2) as price (provider text, model text, "contextTokens" integer, kind text,
       "fromInputTokens" integer, "picoUsdPerUnit" numeric)`,
    [id, JSON.stringify(prices)],
  );
  await client.query('update tenants set config_version = config_version + 1');
  return { priceVersion: id, addedPrices: true };
}
