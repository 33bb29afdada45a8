import { bigint, boolean, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { PROVIDERS, REGIONS } from '../../contracts/names.ts';
import { REQUIRED_GUARANTEES } from '../../contracts/residency.ts';
import { BUDGET_PERIODS, DEFAULT_THRESHOLDS, RATE_LIMIT_STRATEGIES } from '../../contracts/tenant-snapshot.ts';
import { createdAt, id, json, tenantId, usd } from './columns.ts';

/**
 * `encryptedCredentials` is an envelope that only the vault opens. A null `baseUrl` is the vendor's own. `region` is where the
 * tenant wants it to be, or says that it is.
 */
export const providerAccounts = pgTable(
  'provider_accounts',
  {
    id: id(),
    tenantId: tenantId(),
    provider: text({ enum: PROVIDERS }).notNull(),
    accountLabel: text().notNull(),
    baseUrl: text(),
    encryptedCredentials: text().notNull(),
    meta: json().notNull().default({}),
    credentialsUpdatedAt: createdAt(),
    createdAt: createdAt(),
    region: text({ enum: REGIONS }),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/**
 * How to choose among models. `strategy` is what decides: the version `publishedVersion`. `draft` is the latest version,
 * where it was never published.
 */
export const routingPolicies = pgTable(
  'routing_policies',
  {
    id: id(),
    tenantId: tenantId(),
    name: text().notNull(),
    strategy: json().notNull(),
    enabled: boolean().notNull().default(true),
    createdAt: createdAt(),
    isDefault: boolean().notNull().default(false),
    publishedVersion: integer().notNull().default(1),
    previousVersion: integer(),
    latestVersion: integer().notNull().default(1),
    draft: json(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Every version that a policy ever had. Never changed; they go with their policy. */
export const routingPolicyVersions = pgTable(
  'routing_policy_versions',
  {
    tenantId: tenantId(),
    policyId: uuid().notNull(),
    version: integer().notNull(),
    strategy: json().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.policyId, table.version] })],
);

/**
 * A null `environmentId` or `apiKeyId` is every one, a null maximum is none, a null name what the limit says. `queueMs` is
 * how long a request may wait for `maxConcurrent`.
 */
export const rateLimits = pgTable(
  'rate_limits',
  {
    id: id(),
    tenantId: tenantId(),
    name: text(),
    environmentId: uuid(),
    apiKeyId: uuid(),
    windowSeconds: integer().notNull(),
    maxRequests: bigint({ mode: 'number' }),
    maxTokens: bigint({ mode: 'number' }),
    maxConcurrent: integer(),
    strategy: text({ enum: RATE_LIMIT_STRATEGIES }).notNull().default('fixed-window'),
    queueMs: integer().notNull().default(0),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** `thresholds` are percentages of the amount at which to alert. */
export const budgets = pgTable(
  'budgets',
  {
    id: id(),
    tenantId: tenantId(),
    name: text().notNull(),
    amountUsd: usd().notNull(),
    period: text({ enum: BUDGET_PERIODS }).notNull(),
    scope: json().notNull().default({}),
    hardStop: boolean().notNull().default(true),
    thresholds: integer()
      .array()
      .notNull()
      .default([...DEFAULT_THRESHOLDS]),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Where a tenant's content may be; enforced, or only reported. */
export const dataResidencyPolicies = pgTable(
  'data_residency_policies',
  {
    id: id(),
    tenantId: tenantId(),
    region: text({ enum: REGIONS }).notNull(),
    enforced: boolean().notNull().default(true),
    createdAt: createdAt(),
    minimumGuarantee: text({ enum: REQUIRED_GUARANTEES }).notNull().default('declared'),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);
