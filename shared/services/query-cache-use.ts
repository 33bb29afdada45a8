import { sql } from 'drizzle-orm';
import type { CachePeriod } from '../contracts/http/cache-metrics.ts';
import type { Database } from '../db/client.ts';
import { CACHE_UNITS, usageAggregates } from '../db/schema/ledger.ts';
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

interface CacheRow extends SumRow {
  readonly lookups: string;
  readonly hits: string;
  readonly tokens: string;
  readonly savedUsd: string;
}

/** A page of what a tenant's stored answers saved, by period and dimensions; what has no lookups is absent. */
export async function queryCacheUse(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly query: SumQuery;
  readonly now: number;
}): Promise<{ readonly data: CachePeriod[]; readonly next: SumPlace | null }> {
  const { db, tenantId, query, now } = input;
  const { dimensions, filters } = query;
  const units = sql.join(
    CACHE_UNITS.map((unit) => sql`${unit}`),
    sql`, `,
  );
  const condition = sql`${filteredBy(tenantId, filters)} and unit in (${units})`;
  const { columns, keys, order } = groupingOf(tenantId, dimensions);
  const sumOf = (column: 'value' | 'cost_usd', unit: (typeof CACHE_UNITS)[number]) =>
    sql`coalesce(sum(${sql.identifier(column)}) filter (where unit = ${unit}), 0)`;
  const { data, next } = await readSumPage<CacheRow>({
    ...{ db, tenantId, query, now },
    weights: { hour: 3, day: 3 },
    select: (part) => sql`
      select ${columns}, ${sumOf('value', 'cache_lookups')} as lookups, ${sumOf('value', 'cache_hits')} as hits,
        ${sumOf('value', 'cache_tokens')} as tokens, trim_scale(${sumOf('cost_usd', 'cache_hits')})::text as "savedUsd"
      from ${sumsIn(sql`${usageAggregates}`, part, condition)}
      group by ${keys} having ${sumOf('value', 'cache_lookups')} > 0 order by ${order} limit ${part.limit}`,
  });
  return {
    data: data.map(({ row, periodStart, periodEnd }) => {
      const [lookups, hits] = [Number(row.lookups), Number(row.hits)];
      return {
        ...{ periodStart, periodEnd },
        ...{ lookups, hits, hitRate: hits / lookups },
        ...{ savedUsd: row.savedUsd, savedTokens: Number(row.tokens) },
        ...dimensionsOf(row, dimensions),
      };
    }),
    next,
  };
}
