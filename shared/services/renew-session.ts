import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { withUser } from '../db/with-user.ts';
import { rightsOf } from './session-fields.ts';

/**
 * Gives a session another token: the one before is dead at once. False when it has another already, as after two requests
 * at the same time of which the other one came first.
 */
export async function renewSession(input: {
  readonly db: Database;
  readonly userId: string;
  readonly tokenHash: string;
  readonly newTokenHash: string;
}): Promise<boolean> {
  const { db, userId, tokenHash, newTokenHash } = input;
  const [{ rows }] = await withUser(db, userId, (db) => [
    db.execute(sql`
      update sessions set token_hash = ${newTokenHash}, rights = ${rightsOf(sql`sessions.user_id`)}
      where token_hash = ${tokenHash} returning id`),
  ]);
  return rows.length > 0;
}
