import * as z from 'zod';
import { environmentType, picoUsdText, providerName, regionName } from './names.ts';
import { snapshotResidencyPolicy } from './residency.ts';
import { snapshotRoutingPolicy } from './routing-policy.ts';

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
  /** Some of the components are the tenant's own, or have a surcharge for a region: no price version tells them. */
  hasOwnPrices: z.literal(true).exactOptional(),
});
export type ModelOffer = z.infer<typeof modelOffer>;

/**
 * An API key that is not revoked. The key itself is nowhere stored; `hash` is its HMAC-SHA-256 under the pepper, in
 * base64url. It is refused from `expiresAt` (epoch milliseconds) on; an absent list allows all.
 */
export const snapshotApiKey = z.object({
  id: z.uuid(),
  environmentId: z.uuid(),
  hash: z.string().min(1),
  scopes: z.array(z.string()),
  expiresAt: z.number().int().exactOptional(),
  /** CIDR ranges. */
  ipAllowList: z.array(z.string()).exactOptional(),
  /** Each as `model` or `provider/model`. */
  models: z.array(z.string()).exactOptional(),
  /** The key that replaces this one: its limits hold for both. */
  limitedAs: z.uuid().exactOptional(),
});
export type SnapshotApiKey = z.infer<typeof snapshotApiKey>;

/** Credentials of a provider, sealed: only the vault can open `sealedCredentials`. */
export const snapshotProviderAccount = z.object({
  id: z.uuid(),
  provider: providerName,
  label: z.string(),
  baseUrl: z.url().nullable(),
  sealedCredentials: z.string().min(1),
  /** Where the tenant wants it to be, or says that it is. */
  region: regionName.exactOptional(),
});
export type SnapshotProviderAccount = z.infer<typeof snapshotProviderAccount>;

export const BUDGET_PERIODS = ['day', 'week', 'month', 'total'] as const;

/** Percentages of a budget's amount that are told of, unless it says others. */
export const DEFAULT_THRESHOLDS: readonly number[] = [50, 80, 95, 100];

/**
 * A spending cap. Absent scope fields match every request. Periods are in the tenant's time zone; weeks start on Monday.
 * Each of `thresholds` (percent of the amount) is told of once per period.
 */
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
  thresholds: z.array(z.number().int().positive()).default([...DEFAULT_THRESHOLDS]),
});
export type SnapshotBudget = z.infer<typeof snapshotBudget>;

export const RATE_LIMIT_STRATEGIES = ['fixed-window', 'sliding-window', 'token-bucket'] as const;

/**
 * What may pass in a window of time, and how much at once. A null `environmentId` or `apiKeyId` is every one, a null
 * maximum none. `queueMs` is how long a request may wait for `maxConcurrent`; 0 refuses it at once.
 */
export const snapshotRateLimit = z.object({
  id: z.uuid(),
  name: z.string(),
  environmentId: z.uuid().nullable(),
  apiKeyId: z.uuid().nullable(),
  windowSeconds: z.number().int().positive(),
  maxRequests: z.number().int().nonnegative().nullable(),
  maxTokens: z.number().int().nonnegative().nullable(),
  maxConcurrent: z.number().int().nonnegative().nullable(),
  strategy: z.enum(RATE_LIMIT_STRATEGIES),
  queueMs: z.number().int().nonnegative(),
});
export type SnapshotRateLimit = z.infer<typeof snapshotRateLimit>;

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
  rateLimits: z.array(snapshotRateLimit).default([]),
  /** Null: not known, as in a snapshot of an earlier release. Then nothing may be called. */
  residencyPolicies: z.array(snapshotResidencyPolicy).nullable().default(null),
  /** What the subscription or the plan allows in a calendar month of `timeZone`; null, or a null maximum: no cap. */
  quota: z.object({ maxRequests: z.number().int().nonnegative().nullable() }).nullable().default(null),
  /** IANA name; the periods of the quota and of budgets are those of its calendar. */
  timeZone: z.string().default('UTC'),
  priceVersion: z.uuid(),
  models: z.array(modelOffer),
});
export type TenantSnapshot = z.infer<typeof tenantSnapshot>;
