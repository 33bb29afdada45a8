import { desc, eq, sql } from 'drizzle-orm';
import type { BudgetDetail } from '../contracts/http/budgets.ts';
import type { Database } from '../db/client.ts';
import { budgets } from '../db/schema/configuration.ts';
import { budgetThresholdEvents } from '../db/schema/ledger.ts';
import { withTenant } from '../db/with-tenant.ts';
import { BUDGETS, toBudget } from './budget-fields.ts';

const EVENTS = 100;

/** A budget with the newest of the thresholds that it reached, or null when the tenant has no such budget. */
export async function getBudget(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<BudgetDetail | null> {
  const { db, tenantId, id } = input;
  const { threshold, periodStart, reachedAt, capUsd, spentUsd, budgetId } = budgetThresholdEvents;
  const [[row], events] = await withTenant(db, tenantId, (db) => [
    db.select({ fields: BUDGETS.fields }).from(budgets).where(eq(budgets.id, id)),
    db
      .select({ threshold, periodStart, reachedAt, capUsd: trimmed(capUsd), spentUsd: trimmed(spentUsd) })
      .from(budgetThresholdEvents)
      .where(eq(budgetId, id))
      .orderBy(desc(periodStart), desc(threshold))
      .limit(EVENTS),
  ]);
  if (!row) return null;
  const thresholdEvents = events.map(({ periodStart, reachedAt, ...event }) => ({
    ...event,
    periodStart: periodStart.toISOString(),
    reachedAt: reachedAt.toISOString(),
  }));
  return { ...toBudget(row.fields), thresholdEvents };
}

/** Dollars without zeros at their end. */
function trimmed(usd: typeof budgetThresholdEvents.capUsd | typeof budgetThresholdEvents.spentUsd) {
  return sql<string>`trim_scale(${usd})::text`;
}
