import { z } from '@hono/zod-openapi';
import { EXECUTION_STATUSES, TASK_STATUSES, taskStatus } from '../tasks.ts';
import { DELIVERY_STATUSES } from '../webhooks.ts';
import { pageFields } from './metrics.ts';
import { orchestrateOutput, orchestrateRequest } from './orchestrate.ts';
import { pageOf } from './page.ts';
import { storableText } from './storable-text.ts';

/** Bounds of what a task may ask for. */
const MOST_ATTEMPTS = 10;
const LONGEST_PAUSE_MS = 3_600_000;
const MOST_URGENT = 100;
export const MOST_BATCH_TASKS = 1_000;
/** Furthest that a task may begin, or end, after it was accepted. */
export const LONGEST_LIFE_MS = 30 * 86_400_000;
export const LONGEST_WAIT_SECONDS = 60;

const time = z.iso.datetime({ offset: true });

export const taskRequest = orchestrateRequest
  .omit({ async: true, stream: true })
  .extend({
    async: z.boolean().optional().openapi({ description: 'A task always is.' }),
    stream: z.boolean().default(false).openapi({
      description:
        'Keep the output of a chat, or a completion, piece by piece while it is written: `GET /v1/tasks/{id}/stream` follows it.',
    }),
    priority: z.int().min(-MOST_URGENT).max(MOST_URGENT).default(0).openapi({
      description: 'Higher goes first among the tenant’s tasks.',
    }),
    executeAt: time.optional().openapi({ description: 'Not to begin before this time.' }),
    deadlineAt: time.optional().openapi({
      description: 'A task that has not ended by then fails. Default: a day after it may begin.',
    }),
    maxAttempts: z.int().min(1).max(MOST_ATTEMPTS).default(3).openapi({
      description: 'Calls to a provider at most; waiting for a limit to have room is none.',
    }),
    backoff: z
      .strictObject({
        baseMs: z.int().min(0).max(LONGEST_PAUSE_MS).default(1_000),
        capMs: z.int().min(0).max(LONGEST_PAUSE_MS).default(60_000),
      })
      .prefault({})
      .openapi({
        description:
          'The pause before another attempt is a draw from 0 up to a limit that doubles from `baseMs` to `capMs`.',
      }),
  })
  .openapi('TaskRequest', { description: 'A request to a model that nobody waits for.' });
export type TaskRequest = z.infer<typeof taskRequest>;

export const taskBatchRequest = z
  .strictObject({ tasks: z.array(taskRequest).min(1).max(MOST_BATCH_TASKS) })
  .openapi('TaskBatchRequest');

const fields = {
  id: z.uuid(),
  status: taskStatus,
  createdAt: z.iso.datetime(),
  workflowId: z.uuid().nullable(),
  agentId: z.uuid().nullable(),
  environmentId: z.uuid(),
  batchId: z.uuid().nullable(),
  taskType: z.string(),
  priority: z.int(),
  executeAt: z.iso.datetime().nullable().openapi({ description: 'When it may begin, or be tried again.' }),
  deadlineAt: z.iso.datetime().nullable(),
  maxAttempts: z.int(),
  errorCode: z.string().nullable().openapi({ description: 'Why it failed; see the documentation of tasks.' }),
  errorDetail: z.string().nullable(),
  costUsd: z.string().nullable().openapi({
    description: 'Of all attempts, exactly: a decimal with up to 12 decimals. null while that of any is not known.',
  }),
  traceId: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  updatedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  callbackUrl: z.string().nullable().openapi({ description: 'Where its end is told; `null`: nowhere.' }),
};

export const taskView = z.object(fields).openapi('Task');
export type TaskView = z.infer<typeof taskView>;

const executionView = z
  .object({
    number: z.int(),
    status: z.enum(EXECUTION_STATUSES),
    startedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    errorCode: z.string().nullable(),
    requestId: z.uuid().nullable().openapi({ description: 'Its request, as `GET /v1/requests/{id}` has it.' }),
    costUsd: z.string().nullable(),
    isEstimated: z.boolean(),
    isCounted: z.boolean().openapi({ description: '`false`: it found no room under a limit, and was no attempt.' }),
  })
  .openapi('TaskExecution');

const callbackDelivery = z
  .object({
    id: z.uuid().openapi({ description: 'The `webhook-id` of each attempt.' }),
    status: z.enum(DELIVERY_STATUSES).openapi({ description: '`failed`: it was given up, and is a dead letter.' }),
    attempts: z.int(),
    responseCode: z.int().nullable().openapi({ description: 'Of the last attempt; `null`: it had no answer.' }),
    error: z.string().nullable().openapi({ description: 'Why the last attempt came to nothing.' }),
    sentAt: z.iso.datetime().nullable().openapi({ description: 'When the last attempt was made.' }),
    nextTryAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('CallbackDelivery', { description: 'How far the telling of one end of the task is.' });
export type CallbackDelivery = z.infer<typeof callbackDelivery>;

export const taskDetail = z
  .object({
    ...fields,
    executions: z.array(executionView),
    callbackDeliveries: z.array(callbackDelivery).nullable().openapi({
      description:
        'One for each end of the task, seconds behind; none without a `callbackUrl`. `null`: they cannot be looked up right now.',
    }),
    output: z.union([orchestrateOutput, z.null()]).openapi({
      description: 'What the model answered; for thirty days after the task has ended.',
    }),
  })
  .openapi('TaskDetail', { description: 'A task with its attempts and its result.' });
export type TaskDetailView = z.infer<typeof taskDetail>;

/** What is posted to a task's `callbackUrl`. */
export const taskCallback = z
  .object({
    type: z.literal('task.updated'),
    timestamp: z.iso.datetime().openapi({ description: 'When the task ended.' }),
    tenantId: z.uuid(),
    data: taskDetail.omit({ output: true, callbackDeliveries: true }),
  })
  .openapi('TaskCallback', { description: 'The end of a task, as its `callbackUrl` is told of it.' });
export type TaskCallback = z.infer<typeof taskCallback>;

export const taskQuery = z.strictObject({
  wait: z.coerce.number().int().min(0).max(LONGEST_WAIT_SECONDS).default(0).openapi({
    description: 'Seconds to wait for the task to end before it is answered as it is.',
  }),
});

export const tasksQuery = z.strictObject({
  status: taskStatus.optional(),
  environmentId: z.uuid().optional(),
  batchId: z.uuid().optional(),
  from: time.optional().openapi({ description: 'Created at this time or later.' }),
  to: time.optional().openapi({ description: 'Created before this time.' }),
  metadata: storableText(500)
    .regex(/^[^:]+:/, { error: 'must be a key and a value, as in key:value' })
    .optional()
    .openapi({ description: 'A key and its text, as in `feature:greeting`.' }),
  ...pageFields,
});
export type TasksQuery = z.infer<typeof tasksQuery>;

export const taskList = pageOf(taskView).openapi('TaskList', {
  description: 'Tasks, newest first, as the record has them: seconds behind. One task is asked for as it is.',
});

const counts = z.object(
  Object.fromEntries(TASK_STATUSES.map((status) => [status, z.int()])) as Record<
    (typeof TASK_STATUSES)[number],
    z.ZodInt
  >,
);

export const taskBatch = z
  .object({
    id: z.uuid(),
    total: z.int(),
    ended: z.int(),
    ...counts.shape,
  })
  .openapi('TaskBatch', { description: 'How far a batch is: how many of its tasks are in which state.' });
export type TaskBatch = z.infer<typeof taskBatch>;

export const acceptedBatch = taskBatch
  .extend({ taskIds: z.array(z.uuid()).openapi({ description: 'In the order of the request.' }) })
  .openapi('AcceptedTaskBatch');
