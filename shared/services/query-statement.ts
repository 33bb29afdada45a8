import { sql } from 'drizzle-orm';
import type { Statement } from '../contracts/http/statements.ts';
import { toUsdText } from '../contracts/usd-text.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { calendarPeriod } from '../domain/admission/calendar-period.ts';
import { roundToCents } from '../domain/pricing/allocate.ts';
import { sumRangesOf } from '../domain/usage/metric-periods.ts';
import { filteredBy, sumsIn } from './sum-pages.ts';

const CENT_DIGITS = 2;

interface LineRow {
  readonly [column: string]: unknown;
  readonly environmentId: string;
  readonly provider: string;
  readonly model: string;
  readonly requests: string;
  readonly picoUsd: string;
}

/**
 * What a month (YYYY-MM, by the clock of a time zone) cost a tenant, by environment, provider and model. Exact, and in
 * amounts of cents that sum to the rounded total.
 */
export async function queryStatement(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly month: string;
  readonly timeZone: string;
  readonly now: number;
}): Promise<Omit<Statement, 'asOf' | 'isFinal'>> {
  const { db, tenantId, month, timeZone, now } = input;
  const middle = Date.parse(`${month}-15T00:00:00Z`); // lies in the month wherever the clock is
  const period = calendarPeriod('month', middle, timeZone);
  const part = { ranges: sumRangesOf([period], 'month', now), dimensions: [], after: null, limit: 0 };
  const condition = sql`${filteredBy(tenantId, {})} and unit = 'requests'`;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<LineRow>(sql`
      select environment_id as "environmentId", provider, model, sum(value)::text as requests,
        trim_scale(sum(cost_usd) * 1000000000000)::text as "picoUsd"
      from ${sumsIn(sql`usage_aggregates`, part, condition)}
      group by environment_id, provider, model having sum(value) > 0 or sum(cost_usd) <> 0
      order by environment_id, provider, model`),
  ]);
  const costs = rows.map(({ picoUsd }) => BigInt(picoUsd));
  const { cents, total } = roundToCents(costs);
  const lines = rows.map(({ environmentId, provider, model, requests }, at) => ({
    ...{ environmentId, provider, model, requests: Number(requests) },
    costUsd: toUsdText(costs[at] ?? 0n),
    amountUsd: toAmount(cents[at] ?? 0n),
  }));
  return {
    ...{ month, timeZone },
    periodStart: new Date(period.start).toISOString(),
    periodEnd: new Date(period.end).toISOString(),
    lines,
    requests: lines.reduce((sum, line) => sum + line.requests, 0),
    costUsd: toUsdText(costs.reduce((sum, cost) => sum + cost, 0n)),
    amountUsd: toAmount(total),
  };
}

/** Cents as dollars with two decimals. */
function toAmount(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(CENT_DIGITS + 1, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -CENT_DIGITS)}.${digits.slice(-CENT_DIGITS)}`;
}
