import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';

const PAGE_SIZE = 100;
const rows = z.array(z.object({ id: z.uuid() }));

/**
 * Ids of the first hundred tenants behind `after`, ascending. Finds every tenant only as `eufm_ledger` or as a role that
 * row-level security does not bind; as any other role none.
 */
export async function listTenantIds(input: {
  readonly statements: StatementRunner;
  readonly after: string;
}): Promise<string[]> {
  const { statements, after } = input;
  const found = await statements.run(
    sql`select id::text from tenants where id > ${after}::uuid order by tenants.id limit ${PAGE_SIZE}`,
  );
  return rows.parse(found).map(({ id }) => id);
}
