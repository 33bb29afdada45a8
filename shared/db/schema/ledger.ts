import {
  bigint,
  boolean,
  date,
  integer,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { REGIONS } from '../../contracts/names.ts';
import { CACHE_OUTCOMES, REQUEST_STATUSES } from '../../contracts/queues.ts';
import { GUARANTEES, RESIDENCY_VERDICTS } from '../../contracts/residency.ts';
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
    attempts: json(),
    routing: json(),
    cacheOutcome: text({ enum: CACHE_OUTCOMES }),
    savedUsd: usd(),
    savedTokenCount: count(),
    colo: text(),
    jurisdiction: text({ enum: REGIONS }),
    endpointRegion: text({ enum: REGIONS }),
    guarantee: text({ enum: GUARANTEES }),
    residency: text({ enum: RESIDENCY_VERDICTS }),
    routingPolicyId: uuid(),
    isFallback: boolean().notNull().default(false),
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

/** What is used; `fallbacks` are the requests that another candidate of their routing served than the first. */
export const USAGE_UNITS = ['requests', 'tokens', 'cost_usd', 'fallbacks'] as const;

/** What the cache's units count: looks for a stored answer, those that found one, and tokens that were not used for it. */
export const CACHE_UNITS = ['cache_lookups', 'cache_hits', 'cache_tokens'] as const;

/**
 * Sums per hour and per day, and dimension. `costUsd` is what the period cost, whichever unit of usage the row counts; of
 * `fallbacks`, what those requests cost; of a unit of the cache, what was saved.
 */
export const usageAggregates = pgTable(
  'usage_aggregates',
  {
    id: id(),
    tenantId: tenantId(),
    periodStart: time().notNull(),
    periodEnd: time().notNull(),
    unit: text({ enum: [...USAGE_UNITS, ...CACHE_UNITS] }).notNull(),
    environmentId: uuid().notNull(),
    apiKeyId: uuid(),
    provider: text().notNull(),
    model: text().notNull(),
    routingPolicyId: uuid(),
    value: numeric({ precision: 38, scale: 12 }).notNull(),
    costUsd: usd().notNull(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/**
 * Requests by how they ended, per hour and per day, with a histogram of their latencies: bucket `b` counts what took up to
 * 1.05^b milliseconds and more than the bucket before it.
 */
export const outcomeAggregates = pgTable(
  'outcome_aggregates',
  {
    id: id(),
    tenantId: tenantId(),
    periodStart: time().notNull(),
    periodEnd: time().notNull(),
    environmentId: uuid().notNull(),
    provider: text().notNull(),
    model: text().notNull(),
    status: text().notNull(),
    errorCode: text(),
    routingPolicyId: uuid(),
    requests: count().notNull(),
    latencyBuckets: smallint().array().notNull().default([]),
    latencyCounts: count().array().notNull().default([]),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

export const POSTING_KINDS = ['settled', 'estimated', 'corrected', 'marked', 'adjusted'] as const;

/** The double-entry ledger: a row is a posting, its accounts sum to zero, and none is ever changed. */
export const ledgerPostings = pgTable(
  'ledger_postings',
  {
    id: id(),
    tenantId: tenantId(),
    eventId: uuid().notNull(),
    revision: integer().notNull(),
    kind: text({ enum: POSTING_KINDS }).notNull(),
    available: usd().notNull().default('0'),
    held: usd().notNull().default('0'),
    spent: usd().notNull().default('0'),
    estimated: usd().notNull().default('0'),
    adjustment: usd().notNull().default('0'),
    reason: text(),
    occurredAt: time().notNull(),
    createdAt: createdAt(),
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

/** Queue messages that could not be processed: the platform's, since `subjectTenant` is only what a message claims. */
export const deadLetters = pgTable('dead_letters', {
  id: uuid().primaryKey().defaultRandom(),
  queue: text().notNull(),
  messageId: text().notNull(),
  subjectTenant: text(),
  payload: json().notNull(),
  error: text().notNull(),
  createdAt: createdAt(),
  replayedAt: time(),
  replayCount: integer().notNull().default(0),
});

export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed'] as const;

/** Work that outlives a run of the schedule. `dueOn` is null where an operator asked for it. */
export const jobs = pgTable('jobs', {
  id: uuid().primaryKey().defaultRandom(),
  kind: text().notNull(),
  status: text({ enum: JOB_STATUSES }).notNull().default('queued'),
  dueOn: date(),
  input: json().notNull().default({}),
  progress: json().notNull().default({}),
  result: json(),
  error: text(),
  attempts: integer().notNull().default(0),
  heartbeatAt: time(),
  startedAt: time(),
  endedAt: time(),
  createdAt: createdAt(),
});
