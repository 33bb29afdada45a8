import * as z from 'zod';
import { environmentType, picoUsdText, providerName, regionName } from './names.ts';

/** What is priced: tokens by kind, searches, and the request itself. */
export const PRICE_KINDS = [
  'input',
  'cached_input',
  'cache_write',
  'audio_input',
  'output',
  'audio_output',
  'search',
  'request',
] as const;

/**
 * What a unit of usage costs. A component's `fromInputTokens` says from how many input tokens of one request its price
 * applies, to all units of that request; the highest threshold reached wins.
 */
export const priceComponent = z.object({
  kind: z.enum(PRICE_KINDS),
  picoUsdPerUnit: picoUsdText,
  fromInputTokens: z.number().int().nonnegative(),
});
export type PriceComponent = z.infer<typeof priceComponent>;

/** A model that the tenant may call, with its price. `priceVersion` is pinned on every request that it prices. */
export const modelOffer = z.object({
  provider: providerName,
  model: z.string().min(1),
  contextTokens: z.number().int().positive().nullable(),
  components: z.array(priceComponent),
  /** Some of the components are the tenant's own, which no price version tells. */
  hasOwnPrices: z.literal(true).exactOptional(),
});
export type ModelOffer = z.infer<typeof modelOffer>;

/** An active API key. The key itself is nowhere stored; `hash` is its HMAC-SHA-256 under the pepper, in base64url. */
export const snapshotApiKey = z.object({
  id: z.uuid(),
  environmentId: z.uuid(),
  hash: z.string().min(1),
  scopes: z.array(z.string()),
});
export type SnapshotApiKey = z.infer<typeof snapshotApiKey>;

/** Credentials of a provider, sealed: only the vault can open `sealedCredentials`. */
export const snapshotProviderAccount = z.object({
  id: z.uuid(),
  provider: providerName,
  label: z.string(),
  baseUrl: z.url().nullable(),
  sealedCredentials: z.string().min(1),
});
export type SnapshotProviderAccount = z.infer<typeof snapshotProviderAccount>;

export const BUDGET_PERIODS = ['day', 'week', 'month', 'total'] as const;

/** A spending cap. Absent scope fields match every request. Periods are in UTC; weeks start on Monday. */
export const snapshotBudget = z.object({
  id: z.uuid(),
  name: z.string(),
  amountPicoUsd: picoUsdText,
  period: z.enum(BUDGET_PERIODS),
  hardStop: z.boolean(),
  scope: z.object({
    environmentId: z.uuid().optional(),
    apiKeyId: z.uuid().optional(),
    provider: z.string().optional(),
    model: z.string().optional(),
  }),
});
export type SnapshotBudget = z.infer<typeof snapshotBudget>;

/** Models to choose from by name. The one of the greatest weight is called. */
export const snapshotRoutingPolicy = z.object({
  id: z.uuid(),
  name: z.string().min(1),
  candidates: z
    .array(z.object({ provider: providerName, model: z.string().min(1), weight: z.number().positive().default(1) }))
    .min(1),
});
export type SnapshotRoutingPolicy = z.infer<typeof snapshotRoutingPolicy>;

/**
 * Everything that the data plane must know of a tenant to serve it without Postgres. TenantGate keeps the newest one
 * (`configVersion` never goes backwards) and hands it to gateway isolates, which cache it for seconds.
 */
export const tenantSnapshot = z.object({
  v: z.literal(1),
  tenantId: z.uuid(),
  configVersion: z.number().int().nonnegative(),
  region: regionName,
  status: z.enum(['active', 'suspended']),
  plan: z.string(),
  environments: z.array(z.object({ id: z.uuid(), name: z.string(), type: environmentType })),
  apiKeys: z.array(snapshotApiKey),
  providerAccounts: z.array(snapshotProviderAccount),
  budgets: z.array(snapshotBudget),
  /** A snapshot of an earlier release has none. */
  routingPolicies: z.array(snapshotRoutingPolicy).default([]),
  priceVersion: z.uuid(),
  models: z.array(modelOffer),
});
export type TenantSnapshot = z.infer<typeof tenantSnapshot>;
