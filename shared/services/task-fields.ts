import { type SQL, sql } from 'drizzle-orm';
import type { TaskView } from '../contracts/http/tasks.ts';
import { isoTime } from './request-fields.ts';

/** A row of tasks as these columns read it. */
export type TaskRow = TaskView & Readonly<Record<string, unknown>>;

/** Columns of `tasks` under the names that clients know. */
export const TASK_FIELDS: SQL = sql`
  id, status, ${isoTime(sql`created_at`, 'MS')} as "createdAt", workflow_id as "workflowId", agent_id as "agentId",
  environment_id as "environmentId", batch_id as "batchId", task_type as "taskType", priority,
  ${isoTime(sql`execute_at`, 'MS')} as "executeAt", ${isoTime(sql`deadline_at`, 'MS')} as "deadlineAt",
  max_attempts as "maxAttempts", error_code as "errorCode", error_detail as "errorDetail", trim_scale(cost_usd)::text as "costUsd",
  trace_id as "traceId", metadata, ${isoTime(sql`updated_at`, 'MS')} as "updatedAt",
  ${isoTime(sql`ended_at`, 'MS')} as "endedAt", callback_url as "callbackUrl"`;
