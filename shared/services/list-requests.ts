import { type SQL, sql } from 'drizzle-orm';
import type { RequestsQuery, RequestView } from '../contracts/http/requests.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import type { Period } from '../domain/admission/calendar-period.ts';
import { idRangeOf } from '../domain/usage/request-id-time.ts';
import { isoTime, REQUEST_FIELDS, type RequestRecord, toRequestView } from './request-fields.ts';

const DAY_MS = 86_400_000;
/** How many of a tenant's requests one call looks at for those few that match, and in how many partitions. */
const MOST_SCANNED = 40_000;
const MOST_PARTITIONS = 50;
/** A day's own, the one before for leases that are older than their requests, and the next for clocks that differ. */
const PARTITIONS_OF_DAY = 3;
/** Below every request's id. */
const LOWEST_ID = '00000000-0000-0000-0000-000000000000';

/** Where the page before ended: a time (ISO 8601, to the microsecond) and an id. */
export type RequestPlace = readonly [createdAt: string, id: string];

type Filters = Omit<RequestsQuery, 'from' | 'to' | 'limit' | 'cursor'>;

interface ListRequests {
  readonly db: Database;
  readonly tenantId: string;
  readonly filters: Filters;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly after: RequestPlace | null;
  readonly limit: number;
}

/** How many requests of a day (UTC) there are, and how many of them match as far as sums can tell. */
interface DayCount {
  readonly start: number;
  readonly matching: number;
  readonly scanned: number;
}

interface ListedRecord extends RequestRecord {
  readonly [column: string]: unknown;
  readonly place: string;
}

/**
 * A page of a tenant's requests, newest first. The sums by day tell which days have any that match, so that only those are
 * looked at, and not so many that it would take long: a page may then be short, and say where to go on.
 */
export async function listRequests(input: ListRequests): Promise<{ data: RequestView[]; next: RequestPlace | null }> {
  const { db, tenantId, limit } = input;
  const end = input.after ? Math.min(input.to, Date.parse(input.after[0]) + 1) : input.to;
  const counted = await countDays(input, end);
  const days = counted.slice(counted.findIndex(({ matching }) => matching > 0));
  const [newest] = days;
  if (!newest || newest.matching === 0) return { data: [], next: null };
  const reach = reachOf(days, input);
  const start = Math.max(input.from, days[reach - 1]?.start ?? 0);
  const runs = runsOf(days.slice(0, reach).filter(({ matching }) => matching > 0));
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<ListedRecord>(select(input, runs, { start, end: Math.min(end, newest.start + DAY_MS) })),
  ]);
  const data = rows.slice(0, limit).map(({ place: _, ...record }) => toRequestView(record));
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  if (last) return { data, next: [last.place, last.id] };
  const hasMore = days.slice(reach).some(({ matching }) => matching > 0);
  return { data, next: hasMore ? [new Date(start).toISOString(), LOWEST_ID] : null };
}

/** Days that have requests, newest first: counted by outcome where that is asked for, else by key. */
async function countDays(input: ListRequests, end: number): Promise<DayCount[]> {
  const { db, tenantId, from, filters } = input;
  const { status, errorCode, apiKeyId } = filters;
  const isByOutcome = apiKeyId === undefined && (status !== undefined || errorCode !== undefined);
  const matches = allOf([
    sql`true`,
    equal(sql`environment_id`, filters.environmentId),
    equal(sql`provider`, filters.provider),
    equal(sql`model`, filters.model),
    ...(isByOutcome
      ? [equal(sql`status`, status), equal(sql`error_code`, errorCode)]
      : [equal(sql`api_key_id`, apiKeyId)]),
  ]);
  const [table, requests] = isByOutcome
    ? [sql`outcome_aggregates`, sql`requests`]
    : [sql`usage_aggregates`, sql`value`];
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<DayCount & Record<string, unknown>>(sql`
      select (extract(epoch from period_start) * 1000)::float8 as start,
        coalesce(sum(${requests}) filter (where ${matches}), 0)::float8 as matching, sum(${requests})::float8 as scanned
      from ${table}
      where tenant_id = ${tenantId} and period_end - period_start > interval '1 hour'
        and period_start > ${iso(from - DAY_MS)}::timestamptz and period_start < ${iso(end)}::timestamptz
        ${isByOutcome ? sql`` : sql`and unit = 'requests'`}
      group by period_start order by period_start desc`),
  ]);
  return rows;
}

/** How many of the days to look at: until a page is full for certain, or it would take long. */
function reachOf(days: readonly DayCount[], { filters, after, limit }: ListRequests): number {
  const { status, errorCode, apiKeyId, taskType, minCostUsd } = filters;
  const isCertain =
    taskType === undefined &&
    minCostUsd === undefined &&
    (apiKeyId === undefined || (status === undefined && errorCode === undefined));
  let [found, scanned, partitions] = [0, 0, 0];
  let before: DayCount | undefined;
  for (const [at, day] of days.entries()) {
    if (day.matching === 0) continue;
    // Of the first day it is not known how many lie on this side of the page before.
    if (at > 0 || after === null) found += day.matching;
    scanned += day.scanned;
    partitions += before && isNextTo(day, before) ? 1 : PARTITIONS_OF_DAY;
    before = day;
    if ((isCertain && found > limit) || scanned > MOST_SCANNED || partitions > MOST_PARTITIONS) return at + 1;
  }
  return days.length;
}

/** Ranges of times that days without gaps between them make up. */
function runsOf(days: readonly DayCount[]): Period[] {
  const runs: { start: number; end: number }[] = [];
  for (const { start } of days) {
    const run = runs.at(-1);
    if (run?.start === start + DAY_MS) run.start = start;
    else runs.push({ start, end: start + DAY_MS });
  }
  return runs;
}

function isNextTo(day: DayCount, later: DayCount): boolean {
  return day.start + DAY_MS === later.start;
}

/** Requests of runs of days within a range of times. The runs alone say which partitions they can be in. */
function select(input: ListRequests, runs: readonly Period[], range: Period): SQL {
  const { tenantId, filters, from, to, after, limit } = input;
  const within = runs.map(({ start, end }) => {
    const ids = idRangeOf(Math.max(start, from), Math.min(end, to));
    return sql`id >= ${ids.first}::uuid and id < ${ids.end}::uuid`;
  });
  const [start, end] = [Math.max(from, range.start), Math.min(to, range.end)];
  const conditions = allOf([
    sql`tenant_id = ${tenantId}`,
    sql`(${sql.join(within, sql` or `)})`,
    sql`created_at >= ${iso(start)}::timestamptz and created_at < ${iso(end)}::timestamptz`,
    after ? sql`(created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : null,
    equal(sql`environment_id`, filters.environmentId),
    equal(sql`api_key_id`, filters.apiKeyId),
    equal(sql`provider`, filters.provider),
    equal(sql`model`, filters.model),
    equal(sql`status`, filters.status),
    filters.status !== undefined && filters.status !== 'completed' ? sql`status <> 'completed'` : null,
    equal(sql`error_code`, filters.errorCode),
    equal(sql`task_type`, filters.taskType),
    filters.minCostUsd === undefined ? null : sql`cost_usd >= ${filters.minCostUsd}::numeric`,
  ]);
  return sql`
    select ${REQUEST_FIELDS}, ${isoTime(sql`created_at`, 'US')} as place from requests
    where ${conditions} order by created_at desc, id desc limit ${limit + 1}`;
}

function equal(column: SQL, value: string | undefined): SQL | null {
  return value === undefined ? null : sql`${column} = ${value}`;
}

function allOf(conditions: readonly (SQL | null)[]): SQL {
  return sql.join(
    conditions.filter((condition) => condition !== null),
    sql` and `,
  );
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
