import { PgDialect } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import type { StatementRow, StatementRunner } from '../../shared/db/statement-runner.ts';
import { inTransaction } from '../db/connection.ts';

/** Runs statements on a connection, for as long as each takes. One at a time. */
export function statementsOn(client: pg.Client): StatementRunner {
  const dialect = new PgDialect({ casing: 'snake_case' });
  const run: StatementRunner['run'] = async (statement) => {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    return (await client.query<StatementRow>(text, params)).rows;
  };
  return {
    run,
    asTenant: (tenantId, statements) =>
      inTransaction(client, async () => {
        await client.query("select set_config('app.tenant', $1, true)", [tenantId]);
        const results: (readonly StatementRow[])[] = [];
        for (const statement of statements) results.push(await run(statement));
        return results;
      }),
  };
}
