import { sql } from 'drizzle-orm';
import type { UsagePeriod } from '../contracts/http/usage-metrics.ts';
import type { Database } from '../db/client.ts';
import { type USAGE_UNITS, usageAggregates } from '../db/schema/ledger.ts';
import {
  dimensionsOf,
  filteredBy,
  groupingOf,
  readSumPage,
  type SumPlace,
  type SumQuery,
  type SumRow,
  sumsIn,
} from './sum-pages.ts';

export type UsageUnit = (typeof USAGE_UNITS)[number];

interface UsageRow extends SumRow {
  readonly value: string;
  readonly costUsd: string;
}

/** A page of a tenant's usage by period and dimensions; what was not used, or is not any more once corrected, is absent. */
export async function queryUsage(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly query: SumQuery & { readonly unit: UsageUnit };
  readonly now: number;
}): Promise<{ readonly data: UsagePeriod[]; readonly next: SumPlace | null }> {
  const { db, tenantId, query, now } = input;
  const { unit, dimensions, filters } = query;
  const condition = sql`${filteredBy(tenantId, filters)} and unit = ${unit}`;
  const { columns, keys, order } = groupingOf(tenantId, dimensions);
  const { data, next } = await readSumPage<UsageRow>({
    ...{ db, tenantId, query, now },
    weights: { hour: 1, day: 1 },
    select: (part) => sql`
      select ${columns}, sum(value) as value, sum(cost_usd) as "costUsd"
      from ${sumsIn(sql`${usageAggregates}`, part, condition)}
      group by ${keys} having sum(value) <> 0 or sum(cost_usd) <> 0 order by ${order} limit ${part.limit}`,
  });
  return {
    data: data.map(({ row, periodStart, periodEnd }) => ({
      ...{ periodStart, periodEnd, unit },
      ...{ value: Number(row.value), costUsd: Number(row.costUsd) },
      ...dimensionsOf(row, dimensions),
    })),
    next,
  };
}
