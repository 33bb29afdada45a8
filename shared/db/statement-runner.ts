import type { SQL } from 'drizzle-orm';
import type { Database } from './client.ts';
import { withTenant } from './with-tenant.ts';

/** A row as the driver gives it: statements that are run by more than one driver ask for texts and JSON only. */
export type StatementRow = Readonly<Record<string, unknown>>;

/** Runs statements on Postgres, whichever the driver: over HTTP in a Worker, on a connection in a script. */
export interface StatementRunner {
  /** In one transaction that sees and writes one tenant's rows. Answers the rows of each. */
  asTenant(tenantId: string, statements: readonly SQL[]): Promise<readonly (readonly StatementRow[])[]>;
  /** By itself, on what belongs to the platform. */
  run(statement: SQL): Promise<readonly StatementRow[]>;
}

/** Over HTTP: a transaction is given up after five seconds, as every query is. */
export function statementsOver(db: Database): StatementRunner {
  return {
    async asTenant(tenantId, statements) {
      const [first, ...others] = statements;
      if (!first) return [];
      const results = await withTenant(db, tenantId, (db) => [
        db.execute(first),
        ...others.map((statement) => db.execute(statement)),
      ]);
      return results.map(({ rows }) => rows);
    },
    run: async (statement) => (await db.execute(statement)).rows,
  };
}
