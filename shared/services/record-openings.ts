import type { SecretOpened } from '../contracts/queues.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { insertAuditEntries } from './insert-audit-entries.ts';

/**
 * Writes an audit entry for each time that the vault opened a value, or refused to: one, however often it is told of. Its
 * actor is whose request it was for; what the platform opens by itself has none. An erased tenant's log stays empty.
 */
export async function recordOpenings(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly SecretOpened[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  if (events.length === 0) return;
  const entries = events.map(({ eventId, targetType, targetId, openedAt, by, refusal }) => ({
    id: eventId,
    action: `${targetType}.${refusal === undefined ? 'opened' : 'open_refused'}`,
    ...{ target_type: targetType, target_id: targetId, ip: null, user_agent: null },
    ...{ actor_user_id: by?.actorUserId ?? null, actor_api_key_id: by?.actorApiKeyId ?? null },
    created_at: new Date(openedAt).toISOString(),
    metadata: { ...(by && { requestId: by.requestId }), ...(refusal !== undefined && { reason: refusal }) },
  }));
  await withTenant(db, tenantId, (db) => [db.execute(insertAuditEntries(tenantId, entries))]);
}
