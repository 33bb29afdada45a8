import type { AccessDenied } from '../contracts/queues.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { insertAuditEntries } from './insert-audit-entries.ts';

/**
 * Writes refusals into a tenant's audit log: one entry for each event, however often it is told. An erased tenant's log stays
 * empty.
 */
export async function recordAccessDenials(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly AccessDenied[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  if (events.length === 0) return;
  const entries = events.map(({ eventId, action, route, reason, count, firstAt, lastAt, requestId, ...event }) => ({
    ...{ id: eventId, action, target_type: 'route', target_id: route },
    ...{ actor_user_id: event.actorUserId, actor_api_key_id: event.actorApiKeyId },
    ...{ ip: event.ip, user_agent: event.userAgent, created_at: new Date(lastAt).toISOString() },
    metadata: {
      ...{ requestId, reason, count, firstAt: new Date(firstAt).toISOString() },
      ...(event.servedAt && { servedAt: event.servedAt }),
    },
  }));
  await withTenant(db, tenantId, (db) => [db.execute(insertAuditEntries(tenantId, entries))]);
}
