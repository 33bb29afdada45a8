import { bigint, inet, integer, numeric, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { REQUEST_STATUSES } from '../../contracts/queues.ts';
import { createdAt, id, json, tenantId, time, usd } from './columns.ts';

const count = () => bigint({ mode: 'number' });

/** One row per request, at its highest `revision`. A null count is one that the provider did not report. */
export const requests = pgTable(
  'requests',
  {
    id: id(),
    tenantId: tenantId(),
    environmentId: uuid().notNull(),
    taskId: uuid(),
    apiKeyId: uuid(),
    provider: text().notNull(),
    model: text().notNull(),
    taskType: text().notNull().default('chat'),
    status: text({ enum: ['queued', 'running', ...REQUEST_STATUSES] }).notNull(),
    errorCode: text(),
    latencyMs: count(),
    inputTokenCount: count(),
    cachedInputTokenCount: count(),
    cacheWriteTokenCount: count(),
    outputTokenCount: count(),
    reasoningTokenCount: count(),
    audioInputTokenCount: count(),
    audioOutputTokenCount: count(),
    searchCount: count(),
    costUsd: usd().notNull(),
    priceVersionId: uuid(),
    ownPrices: json(),
    revision: integer().notNull().default(1),
    startedAt: createdAt(),
    endedAt: time(),
    traceId: text(),
    metadata: json().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Steps in a request's life, oldest first by `ts`. */
export const requestEvents = pgTable(
  'request_events',
  {
    id: id(),
    tenantId: tenantId(),
    requestId: uuid().notNull(),
    ts: time().notNull(),
    type: text().notNull(),
    payload: json().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Sums per hour and dimension. `costUsd` is what the period cost, whichever unit the row counts. */
export const usageAggregates = pgTable(
  'usage_aggregates',
  {
    id: id(),
    tenantId: tenantId(),
    periodStart: time().notNull(),
    periodEnd: time().notNull(),
    unit: text({ enum: ['requests', 'tokens', 'cost_usd'] }).notNull(),
    environmentId: uuid().notNull(),
    apiKeyId: uuid(),
    provider: text().notNull(),
    model: text().notNull(),
    value: numeric({ precision: 38, scale: 12 }).notNull(),
    costUsd: usd().notNull(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** A threshold (percent) that a budget reached in one of its periods, with the cap as it then was. */
export const budgetThresholdEvents = pgTable(
  'budget_threshold_events',
  {
    id: id(),
    tenantId: tenantId(),
    budgetId: uuid().notNull(),
    budgetName: text().notNull(),
    threshold: integer().notNull(),
    periodStart: time().notNull(),
    capUsd: usd().notNull(),
    spentUsd: usd().notNull(),
    reachedAt: time().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Append-only: the application's roles may neither change nor delete a row. */
export const auditLogs = pgTable(
  'audit_logs',
  {
    id: id(),
    tenantId: tenantId(),
    actorUserId: uuid(),
    actorApiKeyId: uuid(),
    action: text().notNull(),
    targetType: text().notNull(),
    targetId: text(),
    ip: inet(),
    userAgent: text(),
    metadata: json().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Queue messages that could not be processed: the platform's, since `subjectTenant` is only what a message claims. */
export const deadLetters = pgTable('dead_letters', {
  id: uuid().primaryKey().defaultRandom(),
  queue: text().notNull(),
  messageId: text().notNull(),
  subjectTenant: text(),
  payload: json().notNull(),
  error: text().notNull(),
  createdAt: createdAt(),
});
