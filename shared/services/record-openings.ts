import { sql } from 'drizzle-orm';
import type { SecretOpened } from '../contracts/queues.ts';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';
import { takesEntries } from './takes-entries.ts';

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
  const rows = events.map(({ eventId, targetType, targetId, openedAt, by, refusal }) => ({
    id: eventId,
    action: `${targetType}.${refusal === undefined ? 'opened' : 'open_refused'}`,
    ...{ target_type: targetType, target_id: targetId },
    ...{ actor_user_id: by?.actorUserId ?? null, actor_api_key_id: by?.actorApiKeyId ?? null },
    created_at: new Date(openedAt).toISOString(),
    metadata: { ...(by && { requestId: by.requestId }), ...(refusal !== undefined && { reason: refusal }) },
  }));
  await withTenant(db, tenantId, (db) => [
    db.execute(sql`
      insert into audit_logs (id, tenant_id, action, target_type, target_id, actor_user_id, actor_api_key_id, created_at,
        metadata)
      select opened.id, tenants.id, opened.action, opened.target_type, opened.target_id, opened.actor_user_id,
        opened.actor_api_key_id, opened.created_at, opened.metadata
      from jsonb_populate_recordset(null::audit_logs, ${toJsonb(rows)}::jsonb) as opened, tenants
      where tenants.id = ${tenantId} and ${takesEntries}
      on conflict do nothing`),
  ]);
}
