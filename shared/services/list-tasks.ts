import { sql } from 'drizzle-orm';
import type { TasksQuery, TaskView } from '../contracts/http/tasks.ts';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';
import { isoTime } from './request-fields.ts';
import { TASK_FIELDS, type TaskRow } from './task-fields.ts';

/** Where the page before ended: a time (ISO 8601, to the microsecond) and an id. */
export type TaskPlace = readonly [createdAt: string, id: string];

interface ListTasks {
  readonly db: Database;
  readonly tenantId: string;
  readonly filters: Omit<TasksQuery, 'limit' | 'cursor'>;
  readonly after: TaskPlace | null;
  readonly limit: number;
}

/** A page of a tenant's tasks, newest first, as their runners have told of them. */
export async function listTasks(input: ListTasks): Promise<{ data: TaskView[]; next: TaskPlace | null }> {
  const { db, tenantId, limit } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<TaskRow & { readonly place: string }>(sql`
      select ${TASK_FIELDS}, ${isoTime(sql`created_at`, 'US')} as place from tasks
      where ${conditionsOf(input)} order by created_at desc, id desc limit ${limit + 1}`),
  ]);
  const data = rows.slice(0, limit).map(({ place: _, ...row }): TaskView => row);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { data, next: last ? [last.place, last.id] : null };
}

function conditionsOf({ tenantId, filters, after }: ListTasks) {
  const { status, environmentId, batchId, from, to, metadata } = filters;
  const conditions = [
    sql`tenant_id = ${tenantId}`,
    status !== undefined && sql`status = ${status}`,
    environmentId !== undefined && sql`environment_id = ${environmentId}`,
    batchId !== undefined && sql`batch_id = ${batchId}`,
    from !== undefined && sql`created_at >= ${from}::timestamptz`,
    to !== undefined && sql`created_at < ${to}::timestamptz`,
    metadata !== undefined && sql`metadata @> ${toJsonb(pairOf(metadata))}::jsonb`,
    after !== null && sql`(created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
  ].filter((condition) => condition !== false);
  return sql.join(conditions, sql` and `);
}

/** A filter's key and value; the value may have colons. */
function pairOf(text: string): Record<string, string> {
  const at = text.indexOf(':');
  return { [text.slice(0, at)]: text.slice(at + 1) };
}
