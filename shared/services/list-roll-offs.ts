import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';

const rollOff = z.object({
  day: z.string(),
  what: z.enum(['requests', 'hours']),
  status: z.enum(['archiving', 'deleting', 'done']),
  rows: z.coerce.number(),
  files: z.coerce.number(),
});

/** What of a tenant's records was rolled off, newest day first. A row `hours` stands for that day and all earlier ones. */
export async function listRollOffs(input: {
  readonly statements: StatementRunner;
  readonly tenantId: string;
}): Promise<z.infer<typeof rollOff>[]> {
  const { statements, tenantId } = input;
  const [rows = []] = await statements.asTenant(tenantId, [
    sql`
      select to_char(day at time zone 'UTC', 'YYYY-MM-DD') as day, what, status, rows::text as rows,
        jsonb_array_length(parts)::text as files
      from roll_offs where tenant_id = ${tenantId} order by roll_offs.day desc, what`,
  ]);
  return z.array(rollOff).parse(rows);
}
