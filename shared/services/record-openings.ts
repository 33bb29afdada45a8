import { sql } from 'drizzle-orm';
import type { SecretOpened } from '../contracts/queues.ts';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';

/**
 * Writes an audit entry for each time that the vault opened a value: one, however often it is told of. It has no actor:
 * the platform opens, for requests that are recorded by themselves. An erased tenant's log stays empty.
 */
export async function recordOpenings(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly SecretOpened[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  if (events.length === 0) return;
  const rows = events.map(({ eventId, targetType, targetId, openedAt }) => ({
    id: eventId,
    action: `${targetType}.opened`,
    target_type: targetType,
    target_id: targetId,
    created_at: new Date(openedAt).toISOString(),
  }));
  await withTenant(db, tenantId, (db) => [
    db.execute(sql`
      insert into audit_logs (id, tenant_id, action, target_type, target_id, created_at)
      select opened.id, tenants.id, opened.action, opened.target_type, opened.target_id, opened.created_at
      from jsonb_populate_recordset(null::audit_logs, ${toJsonb(rows)}::jsonb) as opened, tenants
      where tenants.id = ${tenantId} and tenants.status <> 'erased'
      on conflict do nothing`),
  ]);
}
