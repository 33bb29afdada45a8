import { and, asc, eq, gt, gte, lt, sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { usageAggregates } from '../db/schema/ledger.ts';
import { withTenant } from '../db/with-tenant.ts';

export type UsageUnit = (typeof usageAggregates.unit.enumValues)[number];

export interface UsagePeriod {
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly unit: UsageUnit;
  readonly value: number;
  readonly costUsd: number;
}

/**
 * A tenant's usage by hour, oldest first: every hour that overlaps [from, to), so the range's edges count whole hours.
 * Hours without requests are absent. A cursor is the start of the page's first hour, as `nextCursor` gave it; the caller
 * has checked that it is a date-time.
 */
export async function queryUsage(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly from: Date;
  readonly to: Date;
  readonly unit: UsageUnit;
  readonly limit: number;
  readonly cursor: string | null;
}): Promise<{ data: UsagePeriod[]; nextCursor: string | null }> {
  const { db, tenantId, from, to, unit, limit, cursor } = input;
  const { periodStart, periodEnd, value, costUsd } = usageAggregates;
  const [rows] = await withTenant(db, tenantId, (db) => [
    db
      .select({
        periodStart,
        periodEnd,
        value: sql`sum(${value})`.mapWith(Number),
        costUsd: sql`sum(${costUsd})`.mapWith(Number),
      })
      .from(usageAggregates)
      .where(
        and(
          eq(usageAggregates.unit, unit),
          gt(periodEnd, from),
          lt(periodStart, to),
          cursor === null ? undefined : gte(periodStart, new Date(cursor)),
        ),
      )
      .groupBy(periodStart, periodEnd)
      .orderBy(asc(periodStart))
      .limit(limit + 1),
  ]);
  return {
    data: rows.slice(0, limit).map((row) => ({
      ...row,
      periodStart: row.periodStart.toISOString(),
      periodEnd: row.periodEnd.toISOString(),
      unit,
    })),
    nextCursor: rows[limit]?.periodStart.toISOString() ?? null,
  };
}
