import { type SQL, sql } from 'drizzle-orm';
import type { CallbackDelivery } from '../contracts/http/tasks.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { isoTime } from './request-fields.ts';

/** A delivery as `selectCallbackDeliveries` reads it. */
export type DeliveryRow = CallbackDelivery & Readonly<Record<string, unknown>>;

/** How far the tellings of a task's ends are, the oldest end first. */
export async function listCallbackDeliveries(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly taskId: string;
}): Promise<CallbackDelivery[]> {
  const { db, tenantId, taskId } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<DeliveryRow>(selectCallbackDeliveries(tenantId, taskId)),
  ]);
  return rows;
}

/** The statement for that, to be part of another transaction. */
export function selectCallbackDeliveries(tenantId: string, taskId: string): SQL {
  return sql`
    select id, status, attempt as attempts, response_code as "responseCode", error_message as error,
      ${isoTime(sql`sent_at`, 'MS')} as "sentAt", ${isoTime(sql`created_at`, 'MS')} as "createdAt",
      case when status = 'pending' then ${isoTime(sql`next_try_at`, 'MS')} end as "nextTryAt"
    from webhook_deliveries where tenant_id = ${tenantId}::uuid and task_id = ${taskId}::uuid order by ended_at`;
}
