import { sql } from 'drizzle-orm';
import type { TaskRecorded } from '../contracts/queues.ts';
import type { TaskExecution } from '../contracts/tasks.ts';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';
import { insertCallbacks } from './insert-callbacks.ts';
import { noteDeadTasks } from './note-dead-tasks.ts';
import { isLeaving } from './takes-entries.ts';

/**
 * Writes tasks and their attempts as their runners tell of them. Any number of times and in any order leaves the same rows:
 * a task is as its highest revision says, and so are its attempts. Each end of a task that has a callback becomes one
 * delivery, and a task whose attempts are used up a dead letter, in the transaction that writes the task. Of an erased tenant
 * nothing is written.
 */
export async function recordTasks(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly TaskRecorded[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  if (events.length === 0) return;
  const newest = newestRevisions(events);
  const rows = toJsonb(newest.map(toTaskRow));
  const executions = toJsonb(newest.flatMap(toExecutionRows));
  await withTenant(db, tenantId, (db) => [
    db.execute(sql`
      with written as (
        insert into tasks (tenant_id, ${COLUMNS})
        select ${tenantId}, ${COLUMNS} from jsonb_populate_recordset(null::tasks, ${rows}::jsonb)
        where not ${isLeaving(tenantId)} order by id
        on conflict (tenant_id, id) do update set ${REPLACEMENTS} where tasks.revision < excluded.revision
        returning id
      )
      insert into task_executions (tenant_id, ${EXECUTION_COLUMNS})
      select ${tenantId}, ${EXECUTION_COLUMNS} from jsonb_populate_recordset(null::task_executions, ${executions}::jsonb)
      where task_id in (select id from written)
      on conflict (tenant_id, task_id, number) do update set ${EXECUTION_REPLACEMENTS}`),
    ...insertCallbacks(tenantId, events).map((statement) => db.execute(statement)),
    ...noteDeadTasks(tenantId, newest).map((statement) => db.execute(statement)),
  ]);
}

/** One statement may write a row only once. */
function newestRevisions(events: readonly TaskRecorded[]): TaskRecorded[] {
  const newest = new Map<string, TaskRecorded>();
  for (const event of events) {
    if ((newest.get(event.taskId)?.revision ?? 0) < event.revision) newest.set(event.taskId, event);
  }
  return [...newest.values()];
}

function toTaskRow(event: TaskRecorded) {
  return {
    id: event.taskId,
    environment_id: event.environmentId,
    input: event.input,
    status: event.status,
    priority: event.priority,
    created_at: iso(event.createdAt),
    revision: event.revision,
    api_key_id: event.apiKeyId,
    user_id: event.userId,
    batch_id: event.batchId,
    task_type: event.taskType,
    metadata: event.metadata,
    trace_id: event.traceId,
    execute_at: iso(event.runAfter),
    deadline_at: iso(event.deadlineAt),
    max_attempts: event.maxAttempts,
    cost_usd: usdText(event.costPicoUsd),
    error_code: event.failure?.code ?? null,
    error_detail: event.failure?.detail ?? null,
    ended_at: iso(event.endedAt),
    updated_at: iso(event.updatedAt),
    callback_url: event.callbackUrl ?? null,
  };
}

function toExecutionRows({ taskId, traceId, executions }: TaskRecorded) {
  return executions.map((execution) => toExecutionRow(taskId, traceId, execution));
}

function toExecutionRow(taskId: string, traceId: string, execution: TaskExecution) {
  return {
    id: crypto.randomUUID(), // kept from the first time that the attempt is told of
    task_id: taskId,
    trace_id: traceId,
    created_at: iso(execution.startedAt),
    number: execution.number,
    started_at: iso(execution.startedAt),
    ended_at: iso(execution.endedAt),
    status: execution.status,
    request_id: execution.requestId,
    error_code: execution.errorCode,
    cost_usd: usdText(execution.costPicoUsd),
    is_estimated: execution.isEstimated,
    is_counted: execution.isCounted,
  };
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** Pico-dollars as dollars: the same digits with the point moved. */
function usdText(picoUsd: string | null): string | null {
  return picoUsd === null ? null : `${picoUsd}e-12`;
}

const TASK_NAMES = [
  ...['id', 'environment_id', 'input', 'status', 'priority', 'created_at', 'revision', 'api_key_id', 'user_id'],
  ...['batch_id', 'task_type', 'metadata', 'trace_id', 'execute_at', 'deadline_at', 'max_attempts', 'cost_usd'],
  ...['error_code', 'error_detail', 'ended_at', 'updated_at', 'callback_url'],
];
const EXECUTION_NAMES = [
  ...['id', 'task_id', 'trace_id', 'created_at', 'number', 'started_at', 'ended_at', 'status', 'request_id'],
  ...['error_code', 'cost_usd', 'is_estimated', 'is_counted'],
];
const columns = (names: readonly string[]) => sql.raw(names.join(', '));
const replacements = (names: readonly string[]) =>
  sql.raw(names.map((name) => `${name} = excluded.${name}`).join(', '));
const COLUMNS = columns(TASK_NAMES);
const REPLACEMENTS = replacements(TASK_NAMES.slice(1));
const EXECUTION_COLUMNS = columns(EXECUTION_NAMES);
const EXECUTION_REPLACEMENTS = replacements(EXECUTION_NAMES.filter((name) => name !== 'id' && name !== 'created_at'));
