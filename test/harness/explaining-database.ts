import { type SQL, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { inTransaction } from '../../scripts/db/connection.ts';
import type { Database } from '../../shared/db/client.ts';

/** A step of a query plan, as `explain (format json)` writes it. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/**
 * A stand-in for the Workers' database, which runs each batch on one connection, as the role that it has, and keeps how
 * Postgres planned every query of it, in order. For services that send SQL of their own.
 */
export function explainingDatabase(client: pg.Client): { readonly db: Database; readonly plans: PlanNode[] } {
  const plans: PlanNode[] = [];
  const dialect = new PgDialect();
  const run = async (query: SQL) => {
    const { sql: text, params } = dialect.sqlToQuery(query);
    if (!text.includes('set_config')) {
      const explained = await client.query(`explain (format json) ${text}`, params);
      plans.push(explained.rows[0]['QUERY PLAN'][0].Plan);
    }
    return await client.query(text, params);
  };
  const batch = (queries: readonly SQL[]) =>
    inTransaction(client, async () => {
      const results = [];
      for (const query of queries) results.push(await run(query));
      return results;
    });
  return { db: { execute: (query: SQL) => query, batch } as unknown as Database, plans }; // all that `withTenant` asks of one
}

/** Every step of a plan. */
export function stepsOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(stepsOf)];
}

/** A query of everything in a table, in whatever way is fastest: what a plan must not be. */
export function everythingIn(table: string): SQL {
  return sql`select count(*) from ${sql.identifier(table)}`;
}
