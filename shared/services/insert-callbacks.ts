import { type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { TaskCallback } from '../contracts/http/tasks.ts';
import type { TaskRecorded } from '../contracts/queues.ts';
import { toUsdText } from '../contracts/usd-text.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { toExecutionView } from '../domain/tasks/execution-view.ts';
import { isLeaving } from './takes-entries.ts';

const EVENT_TYPE = 'task.updated';

/**
 * Statements that write a delivery for each end of a task with a callback that these events tell of, older revisions
 * included: a task that was tried again has more than one end. An end that is told of again, or by a later revision, is
 * written once. Comes behind the statement that writes the tasks.
 */
export function insertCallbacks(tenantId: string, events: readonly TaskRecorded[]): SQL[] {
  const rows = events.flatMap((event) => toDelivery(tenantId, event) ?? []);
  if (rows.length === 0) return [];
  return [
    sql`
      insert into webhook_deliveries (tenant_id, id, task_id, ended_at, event_type, url, endpoint, body)
      select ${tenantId}::uuid, id, task_id, ended_at, event_type, url, endpoint, body
      from jsonb_populate_recordset(null::webhook_deliveries, ${toJsonb(rows)}::jsonb)
      where not ${isLeaving(tenantId)}
      on conflict (tenant_id, task_id, ended_at) do nothing`,
  ];
}

function toDelivery(tenantId: string, event: TaskRecorded) {
  const { taskId, endedAt, callbackUrl } = event;
  if (callbackUrl === undefined || endedAt === null) return null;
  const body: TaskCallback = {
    ...{ type: EVENT_TYPE, timestamp: iso(endedAt), tenantId },
    data: {
      ...{ id: taskId, status: event.status, createdAt: iso(event.createdAt), workflowId: null, agentId: null },
      ...{ environmentId: event.environmentId, batchId: event.batchId, taskType: event.taskType },
      ...{ priority: event.priority, executeAt: iso(event.runAfter), deadlineAt: iso(event.deadlineAt) },
      maxAttempts: event.maxAttempts,
      errorCode: event.failure?.code ?? null,
      errorDetail: event.failure?.detail ?? null,
      costUsd: event.costPicoUsd === null ? null : toUsdText(BigInt(event.costPicoUsd)),
      ...{ traceId: event.traceId, metadata: event.metadata, updatedAt: iso(event.updatedAt), endedAt: iso(endedAt) },
      callbackUrl,
      executions: event.executions.map(toExecutionView),
    },
  };
  return {
    ...{ id: uuidv7(), task_id: taskId, ended_at: iso(endedAt), event_type: EVENT_TYPE, url: callbackUrl },
    endpoint: new URL(callbackUrl).origin,
    body: JSON.stringify(body),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
