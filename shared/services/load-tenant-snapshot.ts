import { and, asc, desc, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm';
import * as z from 'zod';
import { type SnapshotRoutingPolicy, snapshotRoutingPolicy } from '../contracts/routing-policy.ts';
import {
  type ModelOffer,
  type SnapshotApiKey,
  type SnapshotProviderAccount,
  type SnapshotRateLimit,
  type TenantSnapshot,
  tenantSnapshot,
} from '../contracts/tenant-snapshot.ts';
import type { Database } from '../db/client.ts';
import {
  budgets,
  dataResidencyPolicies,
  providerAccounts,
  rateLimits,
  routingPolicies,
} from '../db/schema/configuration.ts';
import { apiKeys } from '../db/schema/identity.ts';
import { subscriptions } from '../db/schema/outbound.ts';
import { priceOverrides, prices, priceVersions } from '../db/schema/pricing.ts';
import { environments, plans, tenants } from '../db/schema/tenancy.ts';
import { withTenant } from '../db/with-tenant.ts';
import { overridePrices } from '../domain/pricing/override-prices.ts';
import { nameRateLimit } from './name-rate-limit.ts';

/**
 * Reads all that the data plane must know of a tenant; its content is at least as new as its version. Null when there is
 * no such tenant. API keys that are revoked or expired are left out, as are models of providers that the tenant has no
 * account for, and routing policies that are disabled or of a form that is not known. Prices are the newest version's, with
 * the tenant's own over them. The quota is the subscription's, or the plan's where that says none. A time zone that the
 * platform does not know is read as UTC.
 */
export async function loadTenantSnapshot(input: {
  readonly db: Database;
  readonly tenantId: string;
}): Promise<TenantSnapshot | null> {
  const { db, tenantId } = input;
  const [
    [found],
    quotas,
    environmentRows,
    keys,
    accounts,
    limits,
    budgetRows,
    policies,
    residency,
    priceRows,
    overrides,
  ] = await withTenant(db, tenantId, (db) => [
    selectTenant(db, tenantId),
    selectQuotas(db),
    selectEnvironments(db),
    selectActiveKeys(db),
    selectAccounts(db),
    selectRateLimits(db),
    selectBudgets(db),
    selectRoutingPolicies(db),
    selectResidencyPolicies(db),
    selectPrices(db),
    selectPriceOverrides(db),
  ]);
  if (!found) return null;
  const { tenant, monthlyCallLimit } = found;
  return tenantSnapshot.parse({
    v: 1,
    tenantId,
    configVersion: tenant.configVersion,
    region: tenant.region,
    status: tenant.status === 'active' ? 'active' : 'suspended',
    plan: tenant.plan,
    environments: environmentRows,
    apiKeys: keys.map(toApiKey),
    providerAccounts: accounts.map(toAccount),
    residencyPolicies: residency,
    rateLimits: limits.map(toRateLimit),
    budgets: budgetRows,
    quota: { maxRequests: toQuota(quotas, monthlyCallLimit) },
    timeZone: isTimeZone(tenant.timeZone) ? tenant.timeZone : 'UTC',
    routingPolicies: policies.flatMap(toRoutingPolicy),
    priceVersion: priceRows[0]?.versionId,
    models: overridePrices(toModelOffers(priceRows), overrides),
  });
}

function selectTenant(db: Database, tenantId: string) {
  return db
    .select({ tenant: tenants, monthlyCallLimit: plans.monthlyCallLimit })
    .from(tenants)
    .innerJoin(plans, eq(plans.name, tenants.plan))
    .where(eq(tenants.id, tenantId));
}

/** What the subscriptions that hold say of quotas, newest first. */
function selectQuotas(db: Database) {
  const { id, usageQuota, status, createdAt } = subscriptions;
  return db
    .select({ usageQuota })
    .from(subscriptions)
    .where(inArray(status, ['active', 'past_due']))
    .orderBy(desc(createdAt), desc(id));
}

const usageQuota = z.object({ requests: z.number().int().nonnegative().nullable() });

/** Requests in a month: as the newest subscription that says so, where null is none, or else as the plan has it. */
function toQuota(rows: readonly { usageQuota: unknown }[], monthlyCallLimit: number | null): number | null {
  const [agreed] = rows.flatMap((row) => usageQuota.safeParse(row.usageQuota).data ?? []);
  return agreed ? agreed.requests : monthlyCallLimit;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function selectEnvironments(db: Database) {
  const { id, name, type } = environments;
  return db.select({ id, name, type }).from(environments).orderBy(asc(id));
}

function selectActiveKeys(db: Database) {
  const { id, environmentId, keyHash: hash, scopes, ipAllowList, models, successorId, revokedAt, expiresAt } = apiKeys;
  const isActive = and(isNull(revokedAt), or(isNull(expiresAt), gt(expiresAt, sql`now()`)));
  return db
    .select({ id, environmentId, hash, scopes, expiresAt, ipAllowList, models, successorId })
    .from(apiKeys)
    .where(isActive)
    .orderBy(asc(id));
}

type ActiveKey = Awaited<ReturnType<typeof selectActiveKeys>>[number];

function toApiKey({ expiresAt, ipAllowList, models, successorId, ...key }: ActiveKey): SnapshotApiKey {
  return {
    ...key,
    ...(expiresAt && { expiresAt: expiresAt.getTime() }),
    ...(ipAllowList && { ipAllowList }),
    ...(models && { models }),
    ...(successorId && { limitedAs: successorId }),
  };
}

function selectAccounts(db: Database) {
  const {
    id,
    provider,
    accountLabel: label,
    baseUrl,
    encryptedCredentials: sealedCredentials,
    createdAt,
    region,
  } = providerAccounts;
  return db
    .select({ id, provider, label, baseUrl, sealedCredentials, region })
    .from(providerAccounts)
    .orderBy(asc(createdAt), asc(id));
}

type AccountRow = Awaited<ReturnType<typeof selectAccounts>>[number];

function toAccount({ region, ...account }: AccountRow): SnapshotProviderAccount {
  return { ...account, ...(region && { region }) };
}

function selectResidencyPolicies(db: Database) {
  const { id, region, enforced, minimumGuarantee } = dataResidencyPolicies;
  return db.select({ id, region, enforced, minimumGuarantee }).from(dataResidencyPolicies).orderBy(asc(id));
}

function selectRateLimits(db: Database) {
  return db.select().from(rateLimits).orderBy(asc(rateLimits.id));
}

function toRateLimit({ tenantId: _, createdAt: __, ...row }: typeof rateLimits.$inferSelect): SnapshotRateLimit {
  return { ...row, name: nameRateLimit(row) };
}

function selectBudgets(db: Database) {
  const { id, name, amountUsd, period, hardStop, scope, thresholds } = budgets;
  const amountPicoUsd = sql<string>`trunc(${amountUsd} * 1e12)`;
  return db.select({ id, name, amountPicoUsd, period, hardStop, scope, thresholds }).from(budgets).orderBy(asc(id));
}

function selectRoutingPolicies(db: Database) {
  const { id, name, strategy, enabled, isDefault, publishedVersion: version } = routingPolicies;
  return db
    .select({ id, name, strategy, isDefault, version })
    .from(routingPolicies)
    .where(eq(enabled, true))
    .orderBy(asc(name));
}

type PolicyRow = Awaited<ReturnType<typeof selectRoutingPolicies>>[number];

function toRoutingPolicy({ strategy, isDefault, ...row }: PolicyRow): SnapshotRoutingPolicy[] {
  if (typeof strategy !== 'object' || strategy === null) return [];
  const { data } = snapshotRoutingPolicy.safeParse({ ...strategy, ...row, ...(isDefault && { isDefault }) });
  return data ? [data] : [];
}

/** The newest price version, with a row per price; with one row without price when the tenant has no account. */
function selectPrices(db: Database) {
  const newest = db
    .select({ id: priceVersions.id })
    .from(priceVersions)
    .orderBy(desc(priceVersions.createdAt), desc(priceVersions.id))
    .limit(1)
    .as('newest');
  const isOffered = inArray(prices.provider, selectProviders(db));
  return db
    .select({ versionId: newest.id, price: prices })
    .from(newest)
    .leftJoin(prices, and(eq(prices.priceVersionId, newest.id), isOffered))
    .orderBy(asc(prices.provider), asc(prices.model), asc(prices.kind), asc(prices.fromInputTokens));
}

function selectPriceOverrides(db: Database) {
  const { provider, model, kind, fromInputTokens } = priceOverrides;
  return db
    .select()
    .from(priceOverrides)
    .where(inArray(provider, selectProviders(db)))
    .orderBy(asc(provider), asc(model), asc(kind), asc(fromInputTokens));
}

function selectProviders(db: Database) {
  return db.select({ provider: providerAccounts.provider }).from(providerAccounts);
}

function toModelOffers(rows: readonly { price: typeof prices.$inferSelect | null }[]): ModelOffer[] {
  const offers = new Map<string, ModelOffer>();
  for (const { price } of rows) {
    if (!price) continue;
    const { provider, model, contextTokens, kind, picoUsdPerUnit, fromInputTokens } = price;
    const offer = offers.get(`${provider}/${model}`) ?? { provider, model, contextTokens, components: [] };
    offer.components.push({ kind, picoUsdPerUnit, fromInputTokens });
    offers.set(`${provider}/${model}`, offer);
  }
  return [...offers.values()];
}
