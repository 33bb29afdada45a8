import { sql } from 'drizzle-orm';
import { TASK_STATUSES, type TaskProgress, type TaskStatus } from '../contracts/tasks.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';

/** How many tasks of a batch the record has in which state; all 0 when the tenant has no such batch. */
export async function countBatch(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly batchId: string;
}): Promise<TaskProgress> {
  const { db, tenantId, batchId } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ status: TaskStatus; n: number }>(sql`
      select status, count(*)::int as n from tasks where tenant_id = ${tenantId} and batch_id = ${batchId}::uuid
      group by status`),
  ]);
  const countOf = (status: TaskStatus) => rows.find((row) => row.status === status)?.n ?? 0;
  return Object.fromEntries(TASK_STATUSES.map((status) => [status, countOf(status)])) as TaskProgress; // every key is there
}
