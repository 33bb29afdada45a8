import * as z from 'zod';
import { picoUsdText, providerName } from './names.ts';
import { calledEndpoint, requestLocation } from './residency.ts';
import { taskChanger, taskExecution, taskFailure, taskStatus } from './tasks.ts';
import { priceComponent } from './tenant-snapshot.ts';
import { usage } from './usage.ts';

/**
 * How a request ended. `estimated` means that its usage is not known: it is billed at what was counted, or at its hold,
 * until a later settlement corrects it; its error code tells how it ended.
 */
export const REQUEST_STATUSES = ['completed', 'failed', 'canceled', 'estimated'] as const;
export const requestStatus = z.enum(REQUEST_STATUSES);
export type RequestStatus = z.infer<typeof requestStatus>;

/** One call to a provider on behalf of a request. */
export const requestAttempt = z.object({
  provider: providerName,
  model: z.string(),
  startedAt: z.number().int().positive(),
  endedAt: z.number().int().positive(),
  status: requestStatus,
  errorCode: z.string().nullable(),
  /** How long the provider asked to be left alone. */
  retryAfterMs: z.number().int().nonnegative().exactOptional(),
  /** The record of the call itself, where it may have been billed. */
  requestId: z.uuid().exactOptional(),
  /** Absent in calls of an earlier release. */
  endpoint: calledEndpoint.exactOptional(),
});
export type RequestAttempt = z.infer<typeof requestAttempt>;

/**
 * What became of a look for a stored answer. `miss`: a provider was called. `exact`: there was an answer to an equal
 * request; `joined`: another request was about to get it; `alike`: to a question that is alike.
 */
export const CACHE_OUTCOMES = ['miss', 'exact', 'joined', 'alike'] as const;
export const cacheUse = z.object({
  outcome: z.enum(CACHE_OUTCOMES),
  /** What the answer cost when it was made, and how many tokens it took. */
  savedPicoUsd: picoUsdText.exactOptional(),
  savedTokens: z.number().int().nonnegative().exactOptional(),
  ageMs: z.number().int().nonnegative().exactOptional(),
});
export type CacheUse = z.infer<typeof cacheUse>;

/**
 * The outcome of one request, as the ledger records it. `revision` 1 is the first outcome, 2 a correction of an
 * estimate; the ledger keeps the highest, so redelivery and reordering change nothing.
 */
export const requestRecorded = z.object({
  type: z.literal('request.recorded'),
  requestId: z.uuid(),
  revision: z.number().int().positive(),
  environmentId: z.uuid(),
  apiKeyId: z.uuid().nullable(),
  provider: providerName,
  model: z.string(),
  taskType: z.string(),
  status: requestStatus,
  errorCode: z.string().nullable(),
  usage,
  costPicoUsd: picoUsdText,
  priceVersion: z.uuid(),
  /** All components that priced the request, where some are in no price version: the tenant's own, or with a surcharge. */
  ownPrices: z.array(priceComponent).exactOptional(),
  /** All calls in their order, where there was more than one. */
  attempts: z.array(requestAttempt).exactOptional(),
  /** How it came to its provider, as the public `RoutingDecision` tells it; absent where there was nothing to choose. */
  routing: z.record(z.string(), z.unknown()).exactOptional(),
  /** Absent where no stored answer was looked for, or nothing was answered. */
  cache: cacheUse.exactOptional(),
  /** Absent in records of an earlier release. */
  location: requestLocation.exactOptional(),
  latencyMs: z.number().int().nonnegative().nullable(),
  startedAt: z.number().int().positive(),
  endedAt: z.number().int().positive(),
  traceId: z.string().nullable(),
  /** The task that the request is an attempt at. */
  taskId: z.uuid().exactOptional(),
  metadata: z.record(z.string(), z.unknown()),
});
export type RequestRecorded = z.infer<typeof requestRecorded>;

/** A budget's spending has reached a percentage of its amount: told of once in a period. */
export const budgetThresholdReached = z.object({
  type: z.literal('budget.threshold_reached'),
  eventId: z.uuid(),
  budgetId: z.uuid(),
  budgetName: z.string(),
  threshold: z.number().int().positive(),
  /** Epoch milliseconds; 0 for a budget without periods. */
  periodStart: z.number().int().nonnegative(),
  capPicoUsd: picoUsdText,
  spentPicoUsd: picoUsdText,
  reachedAt: z.number().int().positive(),
});
export type BudgetThresholdReached = z.infer<typeof budgetThresholdReached>;

/**
 * The vault has opened a value of the tenant's, or with a `refusal` has not: one event for each time. `targetId` is its
 * row's. Who it was for is absent where it was the platform; events of before it was told have none either.
 */
export const secretOpened = z.object({
  type: z.literal('secret.opened'),
  eventId: z.uuid(),
  targetType: z.enum([
    'provider_account',
    'identity_provider',
    'secret',
    'audit_log_destination',
    'webhook_signing_secret',
  ]),
  targetId: z.uuid(),
  openedAt: z.number().int().positive(),
  by: z
    .object({ actorUserId: z.uuid().nullable(), actorApiKeyId: z.uuid().nullable(), requestId: z.uuid() })
    .exactOptional(),
  refusal: z.string().exactOptional(),
});
export type SecretOpened = z.infer<typeof secretOpened>;

/** Requests that were refused for want of a right, alike and close together: one entry of the audit log, with their count. */
export const accessDenied = z.object({
  type: z.literal('access.denied'),
  /** The entry's id. */
  eventId: z.uuid(),
  action: z.enum(['access.denied', 'session.refused']),
  /** Both null: nobody that is known. */
  actorUserId: z.uuid().nullable(),
  actorApiKeyId: z.uuid().nullable(),
  /** As in `POST /v1/budgets`, without any id. */
  route: z.string(),
  /** The error's code, or why a sign-in was not completed. */
  reason: z.string(),
  count: z.number().int().positive(),
  firstAt: z.number().int().positive(),
  lastAt: z.number().int().positive(),
  /** Of the first of them. */
  requestId: z.uuid(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  /** Absent in events of an earlier release. */
  servedAt: requestLocation.pick({ colo: true, jurisdiction: true }).exactOptional(),
});
export type AccessDenied = z.infer<typeof accessDenied>;

/** A task as it is after a change. The record keeps the highest `revision`, so redelivery and reordering change nothing. */
export const taskRecorded = z.object({
  type: z.literal('task.recorded'),
  taskId: z.uuid(),
  revision: z.number().int().positive(),
  environmentId: z.uuid(),
  apiKeyId: z.uuid().nullable(),
  userId: z.uuid().nullable(),
  batchId: z.uuid().nullable(),
  taskType: z.string(),
  status: taskStatus,
  priority: z.number().int(),
  input: z.unknown(),
  metadata: z.record(z.string(), z.unknown()),
  traceId: z.string(),
  createdAt: z.number().int().positive(),
  updatedAt: z.number().int().positive(),
  runAfter: z.number().int().positive(),
  deadlineAt: z.number().int().positive(),
  endedAt: z.number().int().positive().nullable(),
  maxAttempts: z.number().int().positive(),
  failure: taskFailure.nullable(),
  costPicoUsd: picoUsdText.nullable(),
  executions: z.array(taskExecution),
  /** As in `TaskFacts`. */
  callbackUrl: z.string().exactOptional(),
});
export type TaskRecorded = z.infer<typeof taskRecorded>;

/** Somebody canceled a task or had it tried again: one entry of the audit log. */
export const taskChanged = taskChanger.extend({
  type: z.literal('task.changed'),
  /** The entry's id. */
  eventId: z.uuid(),
  action: z.enum(['task.canceled', 'task.retried']),
  taskId: z.uuid(),
  before: taskStatus,
  after: taskStatus,
  changedAt: z.number().int().positive(),
});
export type TaskChanged = z.infer<typeof taskChanged>;

/** What an outbox can hold. */
export const ledgerEvent = z.discriminatedUnion('type', [
  requestRecorded,
  budgetThresholdReached,
  secretOpened,
  accessDenied,
  taskRecorded,
  taskChanged,
]);
export type LedgerEvent = z.infer<typeof ledgerEvent>;

/** Events as an outbox row keeps them: the text of a list. */
export const ledgerEvents = z.array(ledgerEvent);

/**
 * One drain of an outbox. The queue only carries it: TenantGate keeps every row until the ledger confirms its `sequence`,
 * and sends it again when it does not. `events` is the text of `ledgerEvents`, which only the ledger reads.
 */
export const ledgerBatch = z.object({
  type: z.literal('ledger.batch'),
  v: z.literal(2),
  tenantId: z.uuid(),
  /** Which of the tenant's objects sends it; 0 is its TenantGate itself. */
  shard: z.number().int().nonnegative(),
  rows: z.array(z.object({ sequence: z.number().int().positive(), events: z.string() })).min(1),
});
export type LedgerBatch = z.infer<typeof ledgerBatch>;

/**
 * Tasks of one runner may be begun. Ids only, and a hint: the runner knows by itself what is due, and hints again at what
 * nobody began.
 */
export const tasksDue = z.object({
  type: z.literal('tasks.due'),
  v: z.literal(1),
  eventId: z.uuid(),
  tenantId: z.uuid(),
  /** Which of the tenant's runners has them. */
  runner: z.number().int().nonnegative(),
  taskIds: z.array(z.uuid()).min(1),
});
export type TasksDue = z.infer<typeof tasksDue>;
