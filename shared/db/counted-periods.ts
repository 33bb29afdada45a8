import { type SQL, sql } from 'drizzle-orm';

/** Days (UTC) as the times (epoch milliseconds) at which the first begins and the last ends. */
export interface DayRange {
  readonly from: number;
  readonly to: number;
}

/** How far apart the time of a request and the times of its record may lie. */
const SLACK = sql`interval '1 day'`;

/**
 * Common table expressions for work on whole days of a tenant, to follow WITH. `scope`: from where on requests are all
 * there (`start`, `rows_from` is null where none was rolled off), from where on hours are (`hours_from`), and where the
 * days end (`finish`). `near`: the requests of these days and a day around. `counted`: those of the days, with `sign`.
 */
export function countedPeriods(tenantId: string, { from, to }: DayRange): SQL {
  return sql`
    scope as materialized (
      select rows_from, greatest(${timeOf(from)}, rows_from) as start, ${timeOf(to)} as finish,
        coalesce(hours_from, '-infinity') as hours_from
      from (
        select max(day) filter (where what = 'requests') + interval '1 day' as rows_from,
          max(day) filter (where what = 'hours') + interval '1 day' as hours_from
        from roll_offs where tenant_id = ${tenantId}
      ) as rolled_off
    ),
    near as materialized (
      select requests.* from requests cross join scope
      where tenant_id = ${tenantId} and created_at >= start - ${SLACK}
        and created_at >= ${timeOf(from)} - ${SLACK} and created_at < ${timeOf(to)} + ${SLACK}
    ),
    counted as materialized (
      select 1 as sign, near.* from near cross join scope where started_at >= start and started_at < finish
    )`;
}

/** If a row of sums is of the days; `scope` is to be joined. The times are said once more for the planner, who sees them so. */
export function isInScope({ from, to }: DayRange): SQL {
  return sql`
    period_start >= ${timeOf(from)} and period_start < ${timeOf(to)} and period_start >= start
    and (period_start >= hours_from or period_end - period_start > interval '1 hour')`;
}

/** The event that an operator's adjustments of a request's postings belong to: never the request's own. */
export function adjustmentOf(id: SQL): SQL {
  return sql`md5('adjusted ' || ${id}::text)::uuid`;
}

/** What the postings of each of a list of events come to, with what was adjusted of them. `events` is a query of ids. */
export function postedOf(tenantId: string, events: SQL): SQL {
  return sql`
    select event_id, max(revision) as revision, sum(spent) as spent, sum(estimated) as estimated
    from (
      select event_id, revision, spent, estimated from ledger_postings
      where tenant_id = ${tenantId} and event_id in (${events})
      union all
      select event.id, null, spent, estimated
      from (${events}) as event (id)
      join ledger_postings on tenant_id = ${tenantId} and event_id = ${adjustmentOf(sql`event.id`)}
    ) as posting
    group by event_id`;
}

/**
 * Postings of requests in the days of `scope` that no request belongs to. A request that ran across midnight may have been
 * rolled off with the day in which it began, so that the two days after the last such are left out.
 */
export function orphanedPostings(tenantId: string, { from, to }: DayRange): SQL {
  return sql`
    select distinct event_id as id
    from ledger_postings cross join scope
    where tenant_id = ${tenantId} and kind in ('settled', 'estimated', 'corrected')
      and occurred_at >= ${timeOf(from)} and occurred_at < ${timeOf(to)}
      and occurred_at >= greatest(start, rows_from + 2 * ${SLACK})
      and not exists (select from near where near.id = event_id)
      and not exists (select from requests where requests.tenant_id = ${tenantId} and requests.id = event_id)`;
}

function timeOf(milliseconds: number): SQL {
  return sql`${new Date(milliseconds).toISOString()}::timestamptz`;
}
