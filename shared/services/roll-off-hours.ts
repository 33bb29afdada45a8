import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';

const ROWS_PER_STEP = 10_000;

const result = z.object({ gone: z.coerce.number() });

/**
 * One step of letting sums by the hour go that are older than the tenant's plan keeps them; those by the day stay. Notes the
 * last of such days before the first row goes. Answers how many went: none when all have.
 */
export async function rollOffHours(input: {
  readonly statements: StatementRunner;
  readonly tenantId: string;
  readonly now: Date;
  readonly rowsPerStep?: number;
}): Promise<number> {
  const { statements, tenantId, now, rowsPerStep = ROWS_PER_STEP } = input;
  const cutoff = sql`(
    select date_trunc('day', ${now.toISOString()}::timestamptz, 'UTC') - hourly_retention_days * interval '1 day'
    from tenants join plans on plans.name = plan where tenants.id = ${tenantId})`;
  const isOld = sql`
    tenant_id = ${tenantId} and period_start < ${cutoff} and period_end - period_start <= interval '1 hour'`;
  const usage = sql`select id from usage_aggregates where ${isOld} limit ${rowsPerStep}`;
  const outcomes = sql`select id from outcome_aggregates where ${isOld} limit ${rowsPerStep}`;
  await statements.asTenant(tenantId, [
    sql`
      insert into roll_offs (tenant_id, what, day, status)
      select ${tenantId}::uuid, 'hours', ${cutoff} - interval '1 day', 'done'
      where exists (${usage}) or exists (${outcomes})
      on conflict (tenant_id, what, day) do nothing`,
  ]);
  const [rows = []] = await statements.asTenant(tenantId, [
    sql`
      with old_usage as (
        delete from usage_aggregates where tenant_id = ${tenantId} and id in (${usage}) returning 1
      ),
      old_outcomes as (
        delete from outcome_aggregates where tenant_id = ${tenantId} and id in (${outcomes}) returning 1
      ),
      gone as (
        select (select count(*) from old_usage) + (select count(*) from old_outcomes) as count
      ),
      noted as (
        update roll_offs set rows = rows + count, updated_at = now() from gone
        where tenant_id = ${tenantId} and what = 'hours' and day = ${cutoff} - interval '1 day' and count > 0
      )
      select count::text as gone from gone`,
  ]);
  return result.parse(rows[0]).gone;
}
