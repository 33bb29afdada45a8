import { bigint, boolean, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { ENVIRONMENT_TYPES, REGIONS } from '../../contracts/names.ts';
import { createdAt, id, tenantId, time, usd } from './columns.ts';

/**
 * Global catalogue. A null limit is none, or one by contract. Requests are kept for `requestRetentionDays`, their sums by
 * hour for `hourlyRetentionDays`, those by day for good; entries of the audit log for `auditRetentionDays`.
 */
export const plans = pgTable('plans', {
  name: text().primaryKey(),
  monthlyPriceUsd: usd().notNull(),
  isPriceFrom: boolean().notNull().default(false),
  memberLimit: integer(),
  monthlyCallLimit: bigint({ mode: 'number' }),
  requestRetentionDays: integer().notNull().default(30),
  hourlyRetentionDays: integer().notNull().default(400),
  auditRetentionDays: integer().notNull().default(365),
  createdAt: createdAt(),
});

/** Of a tenant that is `erased` only its id is left. */
export const TENANT_STATUSES = ['active', 'suspended', 'deleting', 'erased'] as const;

/**
 * `timeZone` (IANA) is whose calendar the periods of quotas and budgets follow. `eraseAfter` is when one that is being
 * deleted ends for good. `configVersion` counts the changes that TenantGate must know of, `publishedConfigVersion` those
 * that it knows.
 */
export const tenants = pgTable('tenants', {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull(),
  slug: text().notNull(),
  plan: text().notNull().default('starter'),
  region: text({ enum: REGIONS }).notNull(),
  status: text({ enum: TENANT_STATUSES }).notNull().default('active'),
  eraseAfter: time(),
  timeZone: text().notNull().default('UTC'),
  configVersion: integer().notNull().default(1),
  publishedConfigVersion: integer().notNull().default(0),
  createdAt: createdAt(),
  updatedAt: createdAt(),
});

/** Where a tenant's keys and requests belong: development, staging, production. */
export const environments = pgTable(
  'environments',
  {
    id: id(),
    tenantId: tenantId(),
    name: text().notNull(),
    type: text({ enum: ENVIRONMENT_TYPES }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);
