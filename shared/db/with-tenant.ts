import { type SQL, sql } from 'drizzle-orm';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import type { Database } from './client.ts';

type Queries = readonly [BatchItem<'pg'>, ...BatchItem<'pg'>[]];

/**
 * Runs queries in one transaction that sees and writes one tenant's rows only: row-level security compares them with
 * `app.tenant`, which ends with the transaction. Answers each query's result, in order. `first` are statements that are run
 * before them, for what they do.
 */
export async function withTenant<const T extends Queries>(
  db: Database,
  tenantId: string,
  queries: (db: Database) => T,
  first: readonly SQL[] = [],
): Promise<BatchResponse<T>> {
  const setTenant = db.execute(sql`select set_config('app.tenant', ${tenantId}, true)`);
  const results = await db.batch([setTenant, ...first.map((statement) => db.execute(statement)), ...queries(db)]);
  return asResponse<T>(results.slice(1 + first.length));
}

/** Runs one query for each of several tenants, each as `withTenant` would and all in one transaction. */
export async function withEachTenant<T>(
  db: Database,
  tenants: readonly (readonly [tenantId: string, input: T])[],
  query: (db: Database, tenantId: string, input: T) => BatchItem<'pg'>,
): Promise<void> {
  const [first, ...rest] = tenants.flatMap(([tenantId, input]): BatchItem<'pg'>[] => [
    db.execute(sql`select set_config('app.tenant', ${tenantId}, true)`),
    query(db, tenantId, input),
  ]);
  if (first) await db.batch([first, ...rest]);
}

/** `batch` answers one result per query, in their order; its type is lost by taking the first one away. */
function asResponse<T extends Queries>(results: unknown[]): BatchResponse<T> {
  return results as BatchResponse<T>;
}
