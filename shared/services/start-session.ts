import { sql } from 'drizzle-orm';
import { SESSION_IDLE_MS, SESSION_MAX_AGE_MS } from '../auth/session-token.ts';
import { withUser } from '../db/with-user.ts';
import { auditSessions, type SessionChange, tenantsOf } from './audit-session.ts';
import { rightsOf } from './session-fields.ts';

/** Who signed in, and where. */
export interface NewSession {
  readonly userId: string;
  readonly tokenHash: string;
  readonly issuer: string;
  readonly subject: string;
  readonly sid: string | null;
  readonly homeTenantId: string | null;
  readonly homeEnvironmentId: string | null;
}

/** Begins a session. Forgets those of the same person whose time is over. Answers its id. */
export async function startSession(by: SessionChange, session: NewSession): Promise<string> {
  const { db, now } = by;
  const { userId } = session;
  const id = crypto.randomUUID();
  const tenants = await tenantsOf(db, userId);
  const at = new Date(now);
  await withUser(db, userId, (db) => [
    db.execute(sql`
      delete from sessions where user_id = ${userId} and (last_seen_at < ${new Date(now - SESSION_IDLE_MS)}
        or created_at < ${new Date(now - SESSION_MAX_AGE_MS)})`),
    db.execute(sql`
      insert into sessions (id, user_id, token_hash, rights, issuer, subject, sid, home_tenant_id, home_environment_id,
        ip, user_agent, created_at, last_seen_at)
      select ${id}::uuid, ${userId}::uuid, ${session.tokenHash}, ${rightsOf(sql`${userId}::uuid`)}, ${session.issuer},
        ${session.subject}, ${session.sid}, ${session.homeTenantId}::uuid, ${session.homeEnvironmentId}::uuid, ${by.ip},
        ${by.userAgent}, ${at}::timestamptz, ${at}::timestamptz`),
    ...auditSessions(by, tenants, 'session.created', sql`sessions.id = ${id}`).map((statement) =>
      db.execute(statement),
    ),
  ]);
  return id;
}
