import { sql } from 'drizzle-orm';
import { SESSION_MAX_AGE_MS, SESSION_SEEN_STEP_MS } from '../auth/session-token.ts';
import type { Database } from '../db/client.ts';
import { withPerson, withUser } from '../db/with-user.ts';
import { isAlive, rightsOf } from './session-fields.ts';

/** A session that is alive, with whose it is. Times are epoch milliseconds. */
export interface Session {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly name: string;
  /** The identity provider that they signed in at. */
  readonly issuer: string;
  /** The only tenant, and the only environment, that it is for; null: all of the person's. */
  readonly homeTenantId: string | null;
  readonly homeEnvironmentId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** What the person may do is not what it was when the token was given out: it must have a new one. */
  readonly hasOtherRights: boolean;
}

type Row = Omit<Session, 'expiresAt'>;

/**
 * The session of a token's hash, or null when there is none, its time is over, or its person is disabled. Notes that it was
 * used, at most once a minute. Nothing is remembered here: a session that was ended is not found by the next look.
 */
export async function findSession(input: {
  readonly db: Database;
  readonly tokenHash: string;
  readonly now: number;
}): Promise<Session | null> {
  const { db, tokenHash, now } = input;
  const ours = sql`sessions.token_hash = ${tokenHash} and ${isAlive(now)}`;
  const [, , { rows }] = await withPerson(db, { sessionHash: tokenHash }, (db) => [
    db.execute(sql`
      select set_config('app.user', coalesce((select user_id::text from sessions where ${ours}), ''), true)`),
    db.execute(sql`
      update sessions set last_seen_at = ${new Date(now)}
      where ${ours} and sessions.last_seen_at <= ${new Date(now - SESSION_SEEN_STEP_MS)}`),
    db.execute<Record<string, unknown> & Row>(sql`
      select sessions.id as "sessionId", users.id as "userId", users.email, users.email_verified as "emailVerified",
        users.name, sessions.issuer, sessions.home_tenant_id as "homeTenantId", sessions.home_environment_id as "homeEnvironmentId",
        (extract(epoch from sessions.created_at) * 1000)::float8 as "createdAt",
        sessions.rights <> ${rightsOf(sql`users.id`)} as "hasOtherRights"
      from sessions join users on users.id = sessions.user_id and users.status = 'active'
      where ${ours}`),
  ]);
  const [row] = rows;
  return row ? { ...row, expiresAt: row.createdAt + SESSION_MAX_AGE_MS } : null;
}

/**
 * If a session that was found is alive still, whatever its token is by now. Looking is no use of it: it notes nothing, so
 * that what looks by itself keeps no session from its idle limit.
 */
export async function isSessionAlive(input: {
  readonly db: Database;
  readonly userId: string;
  readonly sessionId: string;
  readonly now: number;
}): Promise<boolean> {
  const { db, userId, sessionId, now } = input;
  const [{ rows }] = await withUser(db, userId, (db) => [
    db.execute(sql`
      select sessions.id from sessions join users on users.id = sessions.user_id and users.status = 'active'
      where sessions.id = ${sessionId} and ${isAlive(now)}`),
  ]);
  return rows.length > 0;
}
