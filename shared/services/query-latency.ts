import { sql } from 'drizzle-orm';
import type { LatencyPeriod } from '../contracts/http/latency-metrics.ts';
import type { RequestStatus } from '../contracts/queues.ts';
import type { Database } from '../db/client.ts';
import { outcomeAggregates } from '../db/schema/ledger.ts';
import { quantileOf } from '../domain/usage/latency-buckets.ts';
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

/** Buckets and their counts, in lists of the same order. */
interface LatencyRow extends SumRow {
  readonly buckets: string;
  readonly counts: string;
}

/** A page of a tenant's latencies by period and dimensions, of requests that ended so; what has none is absent. */
export async function queryLatency(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly query: SumQuery & { readonly status: RequestStatus };
  readonly now: number;
}): Promise<{ readonly data: LatencyPeriod[]; readonly next: SumPlace | null }> {
  const { db, tenantId, query, now } = input;
  const { status, dimensions, filters } = query;
  const condition = sql`${filteredBy(tenantId, filters)} and status = ${status}`;
  const { columns, keys, order } = groupingOf(tenantId, dimensions);
  const { data, next } = await readSumPage<LatencyRow>({
    ...{ db, tenantId, query, now },
    weights: { hour: 5, day: 24 },
    // Groups are numbered first: there are many buckets, and numbers are faster to group by than names.
    select: (part) => sql`
      with numbered as materialized (
        select *, dense_rank() over (order by ${keys}) as place
        from ${sumsIn(sql`${outcomeAggregates}`, part, condition)} where cardinality(latency_buckets) > 0
      ), summed as (
        select place, bucket, sum(count) as count
        from numbered cross join lateral unnest(latency_buckets, latency_counts) as latency (bucket, count)
        group by place, bucket
      ), histograms as (
        select place, string_agg(bucket::text, ',') as buckets, string_agg(count::text, ',') as counts
        from summed group by place
      )
      select ${columns}, buckets, counts
      from (select distinct place, ${keys} from numbered) as named join histograms using (place)
      order by ${order} limit ${part.limit}`,
  });
  return {
    data: data.map(({ row, periodStart, periodEnd }) => {
      const histogram = toHistogram(row);
      return {
        ...{ periodStart, periodEnd },
        ...dimensionsOf(row, dimensions),
        count: histogram.reduce((sum, [, count]) => sum + count, 0),
        p50: quantile(histogram, 0.5),
        p95: quantile(histogram, 0.95),
        p99: quantile(histogram, 0.99),
      };
    }),
    next,
  };
}

function toHistogram({ buckets, counts }: LatencyRow): [bucket: number, count: number][] {
  const numbers = counts.split(',').map(Number);
  return buckets.split(',').map((bucket, at) => [Number(bucket), numbers[at] ?? 0]);
}

/** To a tenth of a millisecond: finer than what is known. */
function quantile(histogram: readonly (readonly [bucket: number, count: number])[], q: number): number {
  return Math.round((quantileOf(histogram, q) ?? 0) * 10) / 10;
}
