import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { withUser } from '../db/with-user.ts';

/** By which request a person's sessions begin or end. */
export interface SessionChange {
  readonly db: Database;
  readonly requestId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Why sessions end. */
export type SessionEnd = 'signed_out' | 'revoked' | 'replaced' | 'identity_provider';

/** The tenants whose audit logs tell of a person's sessions: all that they belong to. */
export async function tenantsOf(db: Database, userId: string): Promise<string[]> {
  const [{ rows }] = await withUser(db, userId, (db) => [
    db.execute<{ id: string }>(
      sql`select distinct tenant_id as id from user_roles where user_id = ${userId} order by tenant_id`,
    ),
  ]);
  return rows.map(({ id }) => id);
}

/**
 * Statements that tell each of the tenants of sessions that `which` selects, as the person whose they are. They leave
 * `app.tenant` empty, as it was.
 */
export function auditSessions(
  by: SessionChange,
  tenants: readonly string[],
  action: 'session.created' | 'session.ended',
  which: SQL,
  reason: SessionEnd | null = null,
): SQL[] {
  const statements = tenants.flatMap((tenantId) => [
    sql`select set_config('app.tenant', ${tenantId}, true)`,
    sql`
      insert into audit_logs (tenant_id, actor_user_id, action, target_type, target_id, ip, user_agent, metadata)
      select ${tenantId}::uuid, sessions.user_id, ${action}, 'session', sessions.id::text, ${by.ip}::inet, ${by.userAgent},
        jsonb_strip_nulls(jsonb_build_object('requestId', ${by.requestId}::text, 'issuer', sessions.issuer,
          'reason', ${reason}::text))
      from sessions where ${which}
        and (sessions.home_tenant_id is null or sessions.home_tenant_id = ${tenantId}::uuid)`,
  ]);
  return statements.length === 0 ? [] : [...statements, sql`select set_config('app.tenant', '', true)`];
}
