import { type SQL, sql } from 'drizzle-orm';
import { firstPostingKind, OUTCOME_COLUMNS, outcomesOf, USAGE_COLUMNS, usageOf } from '../db/ledger-sums.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import type { RequestRow } from './request-row.ts';
import { isLeaving } from './takes-entries.ts';

/**
 * The one statement that records requests, each at most once in `rows`: all of it is written or nothing. To run under the
 * tenant's ledger lock (`lockLedger`), as that tenant. Sums grow by the rows that it really writes, less what the same
 * rows said before.
 */
export function recordStatement(tenantId: string, rows: readonly RequestRow[]): SQL {
  const names = Object.keys(rows[0] ?? {});
  const columns = sql.raw(names.join(', '));
  const replacements = sql.raw(names.map((name) => `${name} = excluded.${name}`).join(', '));
  const ids = rows.map(({ id }) => id.toLowerCase()).sort();
  const idList = `{${ids.join(',')}}`;
  // Rows are looked up one by one: no statistics, and there are none of a new day, lead the planner to read more than that.
  return sql`
    with posted_before as materialized (
      select wanted.id as event_id, posted.* from unnest(${idList}::uuid[]) as wanted (id) cross join lateral (
        select max(revision) as revision, sum(spent) as spent, sum(estimated) as estimated
        from ledger_postings where tenant_id = ${tenantId} and event_id = wanted.id having count(*) > 0
      ) as posted
    ),
    -- The range says, before a row is looked up, in which partitions none of them can be.
    previous as materialized (
      select found.* from unnest(${idList}::uuid[]) as wanted (id) cross join lateral (
        select * from requests
        where tenant_id = ${tenantId} and id = wanted.id and id between ${ids[0]}::uuid and ${ids.at(-1)}::uuid
        offset 0
      ) as found
    ),
    incoming as (
      select row.* from jsonb_populate_recordset(null::requests, ${toJsonb(rows)}::jsonb) as row
      left join posted_before on event_id = row.id
      where row.revision > coalesce(posted_before.revision, 0) and not ${isLeaving(tenantId)}
    ),
    written as (
      insert into requests (tenant_id, ${columns})
      select ${tenantId}, ${columns} from incoming
      on conflict (tenant_id, id) do update set ${replacements}
      where requests.revision < excluded.revision
      returning *
    ),
    -- What each written row adds, less what its older revision had added.
    difference as materialized (
      select 1 as sign, written.* from written
      union all
      select -1, previous.* from previous join written using (id)
    ),
    usage as (${growUsage()}),
    outcomes as (${growOutcomes()}),
    posted as (${post()})
    ${tellOfCorrections()}`;
}

function growUsage(): SQL {
  return sql`
    insert into usage_aggregates as known (${USAGE_COLUMNS})
    ${usageOf(sql`difference`)}
    on conflict (tenant_id, unit, period_start, period_end, environment_id, api_key_id, provider, model, routing_policy_id)
    do update set
      value = known.value + excluded.value,
      cost_usd = known.cost_usd + excluded.cost_usd,
      updated_at = now()`;
}

/** Histograms are added bucket by bucket; a count that falls to 0 leaves. */
function growOutcomes(): SQL {
  return sql`
    insert into outcome_aggregates as known (${OUTCOME_COLUMNS})
    ${outcomesOf(sql`difference`)}
    on conflict (tenant_id, period_start, period_end, environment_id, provider, model, status, error_code,
      routing_policy_id)
    do update set
      requests = known.requests + excluded.requests,
      (latency_buckets, latency_counts) = (
        select coalesce(array_agg(bucket order by bucket), '{}'), coalesce(array_agg(count order by bucket), '{}')
        from (
          select bucket, sum(count)::bigint as count
          from (
            select * from unnest(known.latency_buckets, known.latency_counts) as old (bucket, count)
            union all
            select * from unnest(excluded.latency_buckets, excluded.latency_counts) as new (bucket, count)
          ) as counts
          group by bucket having sum(count) <> 0
        ) as summed
      ),
      updated_at = now()`;
}

/** Moves what the request's earlier postings do not yet say: with none of them its whole cost. */
function post(): SQL {
  return sql`
    insert into ledger_postings (tenant_id, event_id, revision, kind, available, spent, estimated, occurred_at)
    select tenant_id, id, written.revision,
      case when event_id is null then first_kind else 'corrected' end,
      coalesce(posted_before.spent, 0) + coalesce(posted_before.estimated, 0) - cost_usd,
      case first_kind when 'settled' then cost_usd else 0 end - coalesce(posted_before.spent, 0),
      case first_kind when 'estimated' then cost_usd else 0 end - coalesce(posted_before.estimated, 0),
      coalesce(ended_at, started_at)
    from written
    cross join lateral (select ${firstPostingKind(sql`written`)} as first_kind) as kind
    left join posted_before on event_id = written.id`;
}

function tellOfCorrections(): SQL {
  return sql`
    insert into request_events (tenant_id, request_id, ts, type, payload)
    select written.tenant_id, written.id, now(), 'request.corrected', jsonb_build_object(
      'revision', written.revision, 'status', written.status, 'costUsd', written.cost_usd::text,
      'previous', jsonb_build_object(
        'revision', previous.revision, 'status', previous.status, 'costUsd', previous.cost_usd::text))
    from written join previous using (id)`;
}
