import { sql } from 'drizzle-orm';
import type { BudgetThresholdReached } from '../contracts/queues.ts';
import { toUsdText } from '../contracts/usd-text.ts';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';
import { isLeaving } from './takes-entries.ts';

/**
 * Writes down that budgets reached thresholds: once per budget, period and threshold, however often and by whatever event
 * it is told of. The first to arrive stays. Of an erased tenant nothing is written.
 */
export async function recordThresholdEvents(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly BudgetThresholdReached[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  if (events.length === 0) return;
  const rows = events.map(({ eventId, budgetId, budgetName, threshold, ...event }) => ({
    ...{ id: eventId, budget_id: budgetId, budget_name: budgetName, threshold },
    period_start: new Date(event.periodStart).toISOString(),
    cap_usd: toUsdText(BigInt(event.capPicoUsd)),
    spent_usd: toUsdText(BigInt(event.spentPicoUsd)),
    reached_at: new Date(event.reachedAt).toISOString(),
  }));
  await withTenant(db, tenantId, (db) => [
    db.execute(sql`
      insert into budget_threshold_events (tenant_id, id, budget_id, budget_name, threshold, period_start, cap_usd, spent_usd,
        reached_at)
      select ${tenantId}::uuid, id, budget_id, budget_name, threshold, period_start, cap_usd, spent_usd, reached_at
      from jsonb_populate_recordset(null::budget_threshold_events, ${toJsonb(rows)}::jsonb)
      where not ${isLeaving(tenantId)} on conflict do nothing`),
  ]);
}
