import { boolean, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { DEAD_LETTER_KINDS, DEAD_LETTER_STATUSES } from '../../contracts/dead-letters.ts';
import { createdAt, id, json, tenantId, time, usd } from './columns.ts';

/** A configured worker; its current `config` is also its newest version. */
export const agents = pgTable(
  'agents',
  {
    id: id(),
    tenantId: tenantId(),
    name: text().notNull(),
    type: text().notNull(),
    config: json().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Every configuration that an agent had. */
export const agentVersions = pgTable(
  'agent_versions',
  {
    id: id(),
    tenantId: tenantId(),
    agentId: uuid().notNull(),
    version: integer().notNull(),
    config: json().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** One version of a workflow's graph; versions are never changed. */
export const workflows = pgTable(
  'workflows',
  {
    id: id(),
    tenantId: tenantId(),
    name: text().notNull(),
    version: integer().notNull(),
    definition: json().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Asynchronous work, as the record shows it; TaskRunner drives it. */
export const tasks = pgTable(
  'tasks',
  {
    id: id(),
    tenantId: tenantId(),
    environmentId: uuid().notNull(),
    workflowId: uuid(),
    agentId: uuid(),
    input: json().notNull(),
    status: text({ enum: ['queued', 'running', 'succeeded', 'failed', 'canceled'] })
      .notNull()
      .default('queued'),
    priority: integer().notNull().default(0),
    createdAt: createdAt(),
    revision: integer().notNull().default(1),
    apiKeyId: uuid(),
    userId: uuid(),
    batchId: uuid(),
    taskType: text().notNull().default('chat'),
    metadata: json().notNull().default({}),
    traceId: text(),
    executeAt: time(),
    deadlineAt: time(),
    maxAttempts: integer().notNull().default(1),
    costUsd: usd(),
    errorCode: text(),
    errorDetail: text(),
    endedAt: time(),
    updatedAt: time().notNull().defaultNow(),
    callbackUrl: text(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** One attempt at a task. */
export const taskExecutions = pgTable(
  'task_executions',
  {
    id: id(),
    tenantId: tenantId(),
    taskId: uuid().notNull(),
    startedAt: time().notNull(),
    endedAt: time(),
    status: text({ enum: ['running', 'succeeded', 'failed', 'canceled'] }).notNull(),
    traceId: text(),
    logsUri: text(),
    createdAt: createdAt(),
    number: integer().notNull().default(1),
    requestId: uuid(),
    errorCode: text(),
    costUsd: usd(),
    isEstimated: boolean().notNull().default(false),
    isCounted: boolean().notNull().default(true),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** What of a tenant's was given up, without what it carries: `subjectId` says where that is. */
export const tenantDeadLetters = pgTable(
  'tenant_dead_letters',
  {
    id: id(),
    tenantId: tenantId(),
    kind: text({ enum: DEAD_LETTER_KINDS }).notNull(),
    subjectId: uuid().notNull(),
    occurredAt: time().notNull(),
    reason: text().notNull(),
    attempts: integer().notNull().default(0),
    sizeBytes: integer(),
    status: text({ enum: DEAD_LETTER_STATUSES }).notNull().default('open'),
    changedAt: time(),
    replayCount: integer().notNull().default(0),
    lastError: text(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);
