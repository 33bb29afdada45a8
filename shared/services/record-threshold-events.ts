import type { BudgetThresholdReached } from '../contracts/queues.ts';
import { toUsdText } from '../contracts/usd-text.ts';
import type { Database } from '../db/client.ts';
import { budgetThresholdEvents } from '../db/schema/ledger.ts';
import { withTenant } from '../db/with-tenant.ts';

/**
 * Writes down that budgets reached thresholds: once per budget, period and threshold, however often and by whatever event
 * it is told of. The first to arrive stays.
 */
export async function recordThresholdEvents(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly BudgetThresholdReached[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  if (events.length === 0) return;
  const rows = events.map(({ eventId, budgetId, budgetName, threshold, ...event }) => ({
    ...{ id: eventId, tenantId, budgetId, budgetName, threshold },
    periodStart: new Date(event.periodStart),
    capUsd: toUsdText(BigInt(event.capPicoUsd)),
    spentUsd: toUsdText(BigInt(event.spentPicoUsd)),
    reachedAt: new Date(event.reachedAt),
  }));
  await withTenant(db, tenantId, (db) => [db.insert(budgetThresholdEvents).values(rows).onConflictDoNothing()]);
}
