import { sql } from 'drizzle-orm';
import type { ErrorsPeriod } from '../contracts/http/error-metrics.ts';
import type { Database } from '../db/client.ts';
import { outcomeAggregates } from '../db/schema/ledger.ts';
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

interface ErrorsRow extends SumRow {
  readonly requests: string;
  readonly failed: string;
  readonly errors: readonly { readonly errorCode: string; readonly requests: number }[];
}

/** A page of how many of a tenant's requests failed, by period and dimensions; what has no requests is absent. */
export async function queryErrors(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly query: SumQuery;
  readonly now: number;
}): Promise<{ readonly data: ErrorsPeriod[]; readonly next: SumPlace | null }> {
  const { db, tenantId, query, now } = input;
  const { dimensions, filters } = query;
  const { columns, keys, order } = groupingOf(tenantId, dimensions);
  const { data, next } = await readSumPage<ErrorsRow>({
    ...{ db, tenantId, query, now },
    weights: { hour: 1, day: 2 },
    select: (part) => sql`
      select ${columns}, sum(requests) as requests, sum(failed) as failed,
        coalesce(jsonb_agg(jsonb_build_object('errorCode', error_code, 'requests', requests)
          order by requests desc, error_code) filter (where error_code is not null and requests > 0), '[]') as errors
      from (
        select ${keys}, error_code, sum(requests) as requests,
          coalesce(sum(requests) filter (where status = 'failed'), 0) as failed
        from ${sumsIn(sql`${outcomeAggregates}`, part, filteredBy(tenantId, filters))}
        group by ${keys}, error_code
      ) as outcomes
      group by ${keys} having sum(requests) > 0 order by ${order} limit ${part.limit}`,
  });
  return {
    data: data.map(({ row, periodStart, periodEnd }) => {
      const [requests, failed] = [Number(row.requests), Number(row.failed)];
      return {
        ...{ periodStart, periodEnd },
        ...dimensionsOf(row, dimensions),
        ...{ requests, failed, errorRate: failed / requests, errors: [...row.errors] },
      };
    }),
    next,
  };
}
