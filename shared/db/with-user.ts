import { sql } from 'drizzle-orm';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import type { Database } from './client.ts';

type Queries = readonly [BatchItem<'pg'>, ...BatchItem<'pg'>[]];

/** What a transaction may know when it belongs to no tenant; row-level security compares rows with it. */
export interface PersonalContext {
  readonly userId?: string;
  /** SHA-256 of a session's token. */
  readonly sessionHash?: string;
  readonly issuer?: string;
  readonly subject?: string;
  /** The session at the identity provider. */
  readonly sid?: string;
  /** Of a verified e-mail address. */
  readonly domain?: string;
}

/**
 * Runs queries in one transaction that sees and writes what belongs to a person and to no tenant: row-level security
 * compares it with `app.user`, which ends with the transaction. Answers each query's result, in order.
 */
export function withUser<const T extends Queries>(
  db: Database,
  userId: string,
  queries: (db: Database) => T,
): Promise<BatchResponse<T>> {
  return withPerson(db, { userId }, queries);
}

/** The same for who is known by less than their id, or by more. */
export async function withPerson<const T extends Queries>(
  db: Database,
  { userId = '', sessionHash = '', issuer = '', subject = '', sid = '', domain = '' }: PersonalContext,
  queries: (db: Database) => T,
): Promise<BatchResponse<T>> {
  const setPerson = db.execute(sql`
    select set_config('app.user', ${userId}, true), set_config('app.session', ${sessionHash}, true),
      set_config('app.issuer', ${issuer}, true), set_config('app.subject', ${subject}, true),
      set_config('app.sid', ${sid}, true), set_config('app.domain', ${domain}, true)`);
  const [, ...results] = await db.batch([setPerson, ...queries(db)]);
  return asResponse<T>(results);
}

/** `batch` answers one result per query, in their order; its type is lost by taking the first one away. */
function asResponse<T extends Queries>(results: unknown[]): BatchResponse<T> {
  return results as BatchResponse<T>;
}
