import { sql } from 'drizzle-orm';
import { SESSION_MAX_AGE_MS } from '../auth/session-token.ts';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { SessionView } from '../contracts/http/sessions.ts';
import type { Database } from '../db/client.ts';
import { withUser } from '../db/with-user.ts';
import { isAlive, SESSION_FIELDS } from './session-fields.ts';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly issuer: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
}

/** A person's sessions that are alive, by their ids. `currentId` is the one that asks. */
export async function listSessions(input: {
  readonly db: Database;
  readonly userId: string;
  readonly currentId: string | null;
  readonly page: PageQuery;
  readonly now: number;
}): Promise<Page<SessionView>> {
  const { db, userId, currentId, page, now } = input;
  const behind = page.cursor === undefined ? sql`` : sql`and sessions.id > ${page.cursor}`;
  const [{ rows }] = await withUser(db, userId, (db) => [
    db.execute<Row>(sql`
      select ${SESSION_FIELDS} from sessions where user_id = ${userId} and ${isAlive(now)} ${behind}
      order by sessions.id limit ${page.limit + 1}`),
  ]);
  const data = rows.slice(0, page.limit).map(({ createdAt, lastSeenAt, ...rest }) => ({
    ...rest,
    isCurrent: rest.id === currentId,
    createdAt: new Date(createdAt).toISOString(),
    lastSeenAt: new Date(lastSeenAt).toISOString(),
    expiresAt: new Date(createdAt + SESSION_MAX_AGE_MS).toISOString(),
  }));
  return { data, nextCursor: rows.length > page.limit ? (data.at(-1)?.id ?? null) : null };
}
