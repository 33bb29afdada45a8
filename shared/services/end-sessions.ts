import { type SQL, sql } from 'drizzle-orm';
import { sqlState } from '../db/is-transient.ts';
import { withPerson, withUser } from '../db/with-user.ts';
import { auditSessions, type SessionChange, type SessionEnd, tenantsOf } from './audit-session.ts';

const UNIQUE_VIOLATION = '23505';

/** Which of a person's sessions. */
export type WhichSessions = { readonly id: string } | { readonly allBut: string | null };

/** Ends sessions of a person; answers how many. Their tokens are dead at once. */
export async function endSessions(
  by: SessionChange,
  userId: string,
  which: WhichSessions,
  reason: SessionEnd,
): Promise<number> {
  const chosen =
    'id' in which ? sql`sessions.id = ${which.id}` : sql`sessions.id is distinct from ${which.allBut}::uuid`;
  const { statements, remove } = await ending(by, userId, sql`sessions.user_id = ${userId} and ${chosen}`, reason);
  const results = await withUser(by.db, userId, (db) => [
    db.execute(remove.lock),
    ...statements.map((statement) => db.execute(statement)),
    db.execute(remove.rows),
  ]);
  return results.at(-1)?.rows.length ?? 0;
}

/** What an identity provider says of sessions that it ended. */
export interface ProviderLogout {
  readonly issuer: string;
  /** The tenant whose provider it is; null: the platform's. */
  readonly homeTenantId: string | null;
  readonly jti: string;
  readonly expiresAt: number;
  readonly sid: string | null;
  readonly subject: string | null;
}

/**
 * Ends the sessions that an identity provider names: of one session of its own, or of a person. `replayed`: this notice was
 * taken before; nothing is done.
 */
export async function endProviderSessions(by: SessionChange, logout: ProviderLogout): Promise<'ended' | 'replayed'> {
  const { issuer, sid, subject, homeTenantId } = logout;
  const person = { issuer, ...(subject !== null && { subject }), ...(sid !== null && { sid }) };
  const named = sql`sessions.issuer = ${issuer} and sessions.home_tenant_id is not distinct from ${homeTenantId}::uuid
    and (${sid}::text is null or sessions.sid = ${sid}) and (${subject}::text is null or sessions.subject = ${subject})`;
  const [{ rows }] = await withPerson(by.db, person, (db) => [
    db.execute<{ userId: string }>(sql`select distinct user_id as "userId" from sessions where ${named}`),
  ]);
  const endings = await Promise.all(
    rows.map(async ({ userId }) => {
      const theirs = sql`sessions.user_id = ${userId} and ${named}`;
      const { statements, remove } = await ending(by, userId, theirs, 'identity_provider');
      return [sql`select set_config('app.user', ${userId}, true)`, remove.lock, ...statements, remove.rows];
    }),
  );
  try {
    await withPerson(by.db, person, (db) => [
      db.execute(sql`delete from used_logout_tokens where issuer = ${issuer} and expires_at < ${new Date(by.now)}`),
      db.execute(sql`
        insert into used_logout_tokens (issuer, jti, expires_at)
        values (${issuer}, ${logout.jti}, ${new Date(logout.expiresAt)})`),
      ...endings.flat().map((statement) => db.execute(statement)),
    ]);
    return 'ended';
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) return 'replayed';
    throw error;
  }
}

/** The sessions are locked before they are told of, so that each one's end is told of once. */
async function ending(by: SessionChange, userId: string, which: SQL, reason: SessionEnd) {
  const tenants = await tenantsOf(by.db, userId);
  return {
    statements: auditSessions(by, tenants, 'session.ended', which, reason),
    remove: {
      lock: sql`select from sessions where ${which} for update`,
      rows: sql`delete from sessions where ${which} returning id`,
    },
  };
}
