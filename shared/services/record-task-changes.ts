import type { TaskChanged } from '../contracts/queues.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { insertAuditEntries } from './insert-audit-entries.ts';

/**
 * Writes into a tenant's audit log who canceled its tasks, or had them tried again: one entry for each change, however often
 * it is told. An erased tenant's log stays empty.
 */
export async function recordTaskChanges(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly TaskChanged[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  if (events.length === 0) return;
  const entries = events.map(({ eventId, action, taskId, before, after, changedAt, requestId, ...event }) => ({
    ...{ id: eventId, action, target_type: 'task', target_id: taskId },
    ...{ actor_user_id: event.actorUserId, actor_api_key_id: event.actorApiKeyId },
    ...{ ip: event.ip, user_agent: event.userAgent, created_at: new Date(changedAt).toISOString() },
    metadata: {
      ...{ requestId, before: { status: before }, after: { status: after } },
      ...(event.servedAt && { servedAt: event.servedAt }),
    },
  }));
  await withTenant(db, tenantId, (db) => [db.execute(insertAuditEntries(tenantId, entries))]);
}
