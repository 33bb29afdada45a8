import { sql } from 'drizzle-orm';
import type { TaskDetailView } from '../contracts/http/tasks.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { type DeliveryRow, selectCallbackDeliveries } from './list-callback-deliveries.ts';
import { isoTime } from './request-fields.ts';
import { TASK_FIELDS, type TaskRow } from './task-fields.ts';

type ExecutionRow = TaskDetailView['executions'][number] & Readonly<Record<string, unknown>>;

/** A task as the record has it, without its result: of one that its runner has forgotten. Null when there is none. */
export async function getTaskRecord(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<TaskDetailView | null> {
  const { db, tenantId, id } = input;
  const [tasks, executions, deliveries] = await withTenant(db, tenantId, (db) => [
    db.execute<TaskRow>(sql`select ${TASK_FIELDS} from tasks where tenant_id = ${tenantId} and id = ${id}::uuid`),
    db.execute<ExecutionRow>(sql`
      select number, status, ${isoTime(sql`started_at`, 'MS')} as "startedAt", ${isoTime(sql`ended_at`, 'MS')} as "endedAt",
        error_code as "errorCode", request_id as "requestId", trim_scale(cost_usd)::text as "costUsd", is_estimated as "isEstimated",
        is_counted as "isCounted"
      from task_executions where tenant_id = ${tenantId} and task_id = ${id}::uuid order by number`),
    db.execute<DeliveryRow>(selectCallbackDeliveries(tenantId, id)),
  ]);
  const [row] = tasks.rows;
  return row ? { ...row, executions: executions.rows, callbackDeliveries: deliveries.rows, output: null } : null;
}
