import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';

const PAGE_SIZE = 200;
const rows = z.array(z.object({ id: z.uuid() }));

/**
 * Tenants with audit entries that no checkpoint covers, but for some, whose oldest wait longest first: a page of them. Finds
 * others' only as `eufm_ledger`.
 */
export async function listUnsealedTenants(statements: StatementRunner, butFor: readonly string[]): Promise<string[]> {
  const found = await statements.run(sql`
    select tenant_id::text as id from audit_pending where tenant_id <> all(${sql.param([...butFor])}::uuid[])
    group by tenant_id order by min(created_at), tenant_id limit ${PAGE_SIZE}`);
  return rows.parse(found).map(({ id }) => id);
}
