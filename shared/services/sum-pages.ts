import { type SQL, sql } from 'drizzle-orm';
import { DIMENSIONS, type Dimension, type Granularity } from '../contracts/metrics.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import type { Period } from '../domain/admission/calendar-period.ts';
import { periodsOf, type SumRange, sumRangesOf } from '../domain/usage/metric-periods.ts';

/** How much further each look reaches, where one found less than a page. */
const REACH = 4;
/** How many items a period is expected to have at least, where sums are told apart. */
const ITEMS_OF_PERIOD = 4;
/** How many hours' sums one page looks at, a day's counting for some hours'; one period is always looked at whole. */
const MOST_SUMS = 2_400;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Where the page before ended: the start of its last period (epoch milliseconds), and its dimensions as texts. */
export type SumPlace = readonly [period: number, ...dimensions: string[]];

/** Which sums are asked for. Times are epoch milliseconds. */
export interface SumQuery {
  readonly from: number;
  readonly to: number;
  /** Null: the range is one period. */
  readonly granularity: Granularity | null;
  readonly timeZone: string;
  readonly dimensions: readonly Dimension[];
  readonly filters: SumFilters;
  readonly limit: number;
  readonly after: SumPlace | null;
}

/** What sums are narrowed to. */
export type SumFilters = { readonly [Each in Dimension as (typeof DIMENSIONS)[Each]]?: string | undefined };

const COLUMNS: Readonly<Record<Dimension, SQL>> = {
  environment: sql`environment_id`,
  apiKey: sql`api_key_id`,
  provider: sql`provider`,
  model: sql`model`,
  routingPolicy: sql`routing_policy_id`,
};

/** A sum with the period that it counts to. */
export interface SumRow {
  readonly period: number;
  readonly [dimension: string]: unknown;
}

export interface SumPage<Row> {
  readonly data: { readonly row: Row; readonly periodStart: string; readonly periodEnd: string }[];
  readonly next: SumPlace | null;
}

/** How much a sum takes to read, relative to an hour's of usage. */
export type SumWeights = Readonly<Record<SumRange['of'], number>>;

/**
 * A page of a tenant's sums: whole periods that the range overlaps, oldest first, then by dimensions. It reads no more
 * than the page is likely to need, nor so much that it would take long: a page may then be short, and say where to go on.
 * `select` makes one query of sums, at most as many as it is told.
 */
export async function readSumPage<Row extends SumRow>(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly query: SumQuery;
  readonly now: number;
  readonly weights: SumWeights;
  select(part: SumPart): SQL;
}): Promise<SumPage<Row>> {
  const { db, tenantId, query, now, weights, select } = input;
  const { granularity, dimensions, limit, after } = query;
  const periods = periodsOf(query).filter(({ start }) => after === null || start >= after[0]);
  const endOf = new Map(periods.map(({ start, end }) => [start, end]));
  const rows: Row[] = [];
  const weigh = (period: Period) => weightOf(sumRangesOf([period], granularity, now), weights);
  let [first, count, room] = [0, Math.ceil((limit + 1) / (dimensions.length > 0 ? ITEMS_OF_PERIOD : 1)), MOST_SUMS];
  while (first < periods.length && rows.length <= limit) {
    const window = fitting(periods.slice(first, first + count), room, weigh);
    if (window.length === 0 && first > 0) break;
    const read = window.length > 0 ? window : periods.slice(0, 1);
    const part = { ranges: sumRangesOf(read, granularity, now), dimensions, after, limit: limit + 1 - rows.length };
    const [found] = await withTenant(db, tenantId, (db) => [db.execute<Row>(select(part))]);
    rows.push(...found.rows);
    room -= read.reduce((sum, period) => sum + weigh(period), 0);
    first += read.length;
    count *= REACH;
  }
  const data = rows.slice(0, limit).map((row) => ({
    row,
    periodStart: new Date(row.period).toISOString(),
    periodEnd: new Date(endOf.get(row.period) ?? row.period).toISOString(),
  }));
  const last = rows.length > limit ? data.at(-1)?.row : undefined;
  if (last) return { data, next: placeOf(last, dimensions) };
  const ahead = periods[first];
  return { data, next: ahead ? [ahead.start - 1, ...dimensions.map(() => '')] : null };
}

/** The first of the periods, as many as there is room for. */
function fitting(periods: readonly Period[], room: number, weigh: (period: Period) => number): Period[] {
  let left = room;
  const end = periods.findIndex((period) => {
    left -= weigh(period);
    return left < 0;
  });
  return periods.slice(0, end === -1 ? periods.length : end);
}

function weightOf(ranges: readonly SumRange[], weights: SumWeights): number {
  return ranges.reduce((sum, { of, start, end }) => {
    return sum + ((end - start) / (of === 'day' ? DAY_MS : HOUR_MS)) * weights[of];
  }, 0);
}

/** The dimensions of a row, as an item of an answer has them, and the policy's name while there is one. */
export function dimensionsOf(row: SumRow, dimensions: readonly Dimension[]): Record<string, string | null> {
  const named = dimensions.map((each) => [DIMENSIONS[each], textOf(row[DIMENSIONS[each]])]);
  const { routingPolicyName: name } = row;
  return { ...Object.fromEntries(named), ...(typeof name === 'string' && { routingPolicyName: name }) };
}

/** What one query is to read. */
export interface SumPart extends Pick<SumQuery, 'dimensions' | 'after' | 'limit'> {
  readonly ranges: readonly SumRange[];
}

/** The rows of a table of sums that lie in ranges, and after the place, with their `period` (timestamptz). */
export function sumsIn(table: SQL, { ranges, dimensions, after }: SumPart, condition: SQL): SQL {
  const place =
    after &&
    sql.join([sql`to_timestamp(${after[0]} / 1000.0)`, ...after.slice(1).map((text) => sql`${text}`)], sql`, `);
  const isAfter = place ? sql`where (${orderOf(dimensions)}) > (${place})` : sql``;
  const parts = (['hour', 'day'] as const).flatMap((of) => {
    const own = ranges.filter((range) => range.of === of);
    return own.length > 0 ? [sumsOf(table, own, condition, of)] : [];
  });
  return sql`(select * from (${sql.join(parts, sql` union all `)}) as every ${isAfter}) as counted`;
}

/**
 * Hours and days lie in one table; the days have an index of their own (`..._days`), by this very condition. `offset 0`
 * keeps each range a look-up of its own, where the planner would rather read everything and compare.
 */
function sumsOf(table: SQL, ranges: readonly SumRange[], condition: SQL, of: SumRange['of']): SQL {
  const times = (each: readonly (number | null)[]) =>
    sql`${`{${each.map((time) => (time === null ? 'null' : new Date(time).toISOString())).join(',')}}`}::timestamptz[]`;
  return sql`
    select coalesce(part.period, period_start) as period, sums.*
    from unnest(${times(ranges.map(({ start }) => start))}, ${times(ranges.map(({ end }) => end))},
      ${times(ranges.map(({ period }) => period))}) as part (start, stop, period)
    cross join lateral (
      select * from ${table} where period_start >= part.start and period_start < part.stop
        and ${condition} and period_end - period_start ${of === 'day' ? sql`>` : sql`<=`} interval '1 hour'
      offset 0
    ) as sums`;
}

/** The columns that a query of a tenant's sums has first, those that it is grouped by, and the order of its rows. */
export function groupingOf(tenantId: string, dimensions: readonly Dimension[]) {
  const columns = dimensions.map((each) => COLUMNS[each]);
  const keys = [sql`period`, ...columns];
  const named = dimensions.map((each) => sql`${COLUMNS[each]} as ${sql.identifier(DIMENSIONS[each])}`);
  if (dimensions.includes('routingPolicy')) named.push(sql`${policyName(tenantId)} as "routingPolicyName"`);
  return {
    columns: sql.join([sql`(extract(epoch from period) * 1000)::float8 as period`, ...named], sql`, `),
    keys: sql.join(keys, sql`, `),
    order: orderOf(dimensions),
  };
}

/** The name of the policy of a row of sums; null where there is none any more. Asked once for each row of an answer. */
function policyName(tenantId: string): SQL {
  return sql`(
    select name from routing_policies where routing_policies.tenant_id = ${tenantId} and routing_policies.id = routing_policy_id)`;
}

/** Conditions that narrow sums to a tenant's, as filtered. */
export function filteredBy(tenantId: string, filters: SumFilters): SQL {
  const conditions = (Object.keys(DIMENSIONS) as Dimension[]).flatMap((each) => {
    const value = filters[DIMENSIONS[each]];
    return value === undefined ? [] : [sql`${COLUMNS[each]} = ${value}`];
  });
  return sql.join([sql`tenant_id = ${tenantId}`, ...conditions], sql` and `);
}

/** The period, and dimensions as texts, byte by byte: a missing key comes first. */
function orderOf(dimensions: readonly Dimension[]): SQL {
  const texts = dimensions.map((each) => sql`coalesce(${COLUMNS[each]}::text, '') collate "C"`);
  return sql.join([sql`period`, ...texts], sql`, `);
}

function placeOf(row: SumRow, dimensions: readonly Dimension[]): SumPlace {
  return [row.period, ...dimensions.map((each) => textOf(row[DIMENSIONS[each]]) ?? '')];
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
