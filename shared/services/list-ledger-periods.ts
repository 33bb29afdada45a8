import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { DayRange } from '../db/counted-periods.ts';
import type { StatementRunner } from '../db/statement-runner.ts';

const DAY_MS = 86_400_000;
const MOST_DAYS = 400;

const extent = z.object({
  first: z.coerce.number().nullable(),
  last: z.coerce.number().nullable(),
  requests: z.coerce.number(),
});

/**
 * Cuts the days (UTC) of which a tenant has requests, sums or postings into periods of about `requestsPerPeriod` requests,
 * oldest first: what one statement reads. `from` and `to` narrow them to the days that they touch. Days that were rolled off are left out.
 */
export async function listLedgerPeriods(input: {
  readonly statements: StatementRunner;
  readonly tenantId: string;
  readonly requestsPerPeriod: number;
  readonly from?: number;
  readonly to?: number;
}): Promise<DayRange[]> {
  const { statements, tenantId, requestsPerPeriod, from = -Infinity, to = Infinity } = input;
  const [[row] = []] = await statements.asTenant(tenantId, [
    sql`
      select (extract(epoch from greatest(min(first), max(rolled_off))) * 1000)::text as first,
        (extract(epoch from max(last)) * 1000)::text as last, sum(requests)::text as requests
      from (
        select min(created_at) as first, max(created_at) as last, 0 as requests, null::timestamptz as rolled_off
        from requests where tenant_id = ${tenantId}
        union all
        select min(period_start), max(period_start), coalesce(sum(value) filter (where unit = 'requests'), 0), null
        from usage_aggregates where tenant_id = ${tenantId} and period_end - period_start > interval '1 hour'
        union all
        select min(period_start), max(period_start), 0, null from outcome_aggregates where tenant_id = ${tenantId}
        union all
        select min(occurred_at), max(occurred_at), 0, null from ledger_postings
        where tenant_id = ${tenantId} and kind in ('settled', 'estimated', 'corrected')
        union all
        select null, null, 0, max(day) + interval '1 day' from roll_offs
        where tenant_id = ${tenantId} and what = 'requests'
      ) as record`,
  ]);
  const { first, last, requests } = extent.parse(row);
  if (first === null || last === null) return [];
  const start = startOfDay(Math.max(first, from));
  const end = startOfDay(Math.min(last, to - 1)) + DAY_MS;
  const days = Math.max(1, (startOfDay(last) - startOfDay(first)) / DAY_MS + 1);
  const step =
    Math.min(MOST_DAYS, Math.max(1, Math.floor((requestsPerPeriod * days) / Math.max(1, requests)))) * DAY_MS;
  const periods: DayRange[] = [];
  for (let at = start; at < end; at += step) periods.push({ from: at, to: Math.min(end, at + step) });
  return periods;
}

function startOfDay(time: number): number {
  return Math.floor(time / DAY_MS) * DAY_MS;
}
