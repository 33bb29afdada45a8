import type { SnapshotBudget } from '../../contracts/tenant-snapshot.ts';

const DAY_MS = 86_400_000;

/** Start (epoch ms, UTC) of the budget period that `now` lies in; 0 for a budget without periods. Weeks start on Monday. */
export function budgetPeriodStart(period: SnapshotBudget['period'], now: number): number {
  const date = new Date(now);
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  switch (period) {
    case 'day':
      return midnight;
    case 'week':
      return midnight - ((date.getUTCDay() + 6) % 7) * DAY_MS;
    case 'month':
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    case 'total':
      return 0;
  }
}
