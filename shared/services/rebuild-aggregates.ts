import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import {
  adjustmentOf,
  countedPeriods,
  type DayRange,
  isInScope,
  orphanedPostings,
  postedOf,
} from '../db/counted-periods.ts';
import { firstPostingKind, OUTCOME_COLUMNS, outcomesOf, USAGE_COLUMNS, usageOf } from '../db/ledger-sums.ts';
import { lockLedger } from '../db/lock-ledger.ts';
import type { StatementRunner } from '../db/statement-runner.ts';

const counts = z.object({ postings_added: z.coerce.number(), postings_adjusted: z.coerce.number() });

export interface Rebuilt {
  readonly postingsAdded: number;
  readonly postingsAdjusted: number;
}

/**
 * Makes a tenant's sums of whole days (UTC) anew from its rows, under the tenant's ledger lock and in one transaction, so
 * that a reader sees the old sums or the new. A posting that is missing is added; where a request's postings come to
 * something else than its cost, an entry of kind `adjusted` says the difference, with `reason`: no posting is changed. Days
 * that were rolled off are left as they are. Run again it changes nothing.
 */
export async function rebuildAggregates(
  input: {
    readonly statements: StatementRunner;
    readonly tenantId: string;
    readonly reason: string;
  } & DayRange,
): Promise<Rebuilt> {
  const { statements, tenantId, reason, from, to } = input;
  const results = await statements.asTenant(tenantId, rebuildStatements(tenantId, { from, to }, reason));
  const { postings_added: postingsAdded, postings_adjusted: postingsAdjusted } = counts.parse(results.at(-1)?.[0]);
  return { postingsAdded, postingsAdjusted };
}

/** The statements of a rebuild, to run in one transaction that has the tenant set. */
export function rebuildStatements(tenantId: string, range: DayRange, reason: string): SQL[] {
  const emptied = (table: SQL) => sql`
    with ${countedPeriods(tenantId, range)}
    delete from ${table} using scope where tenant_id = ${tenantId} and ${isInScope(range)}`;
  return [
    lockLedger(tenantId),
    emptied(sql`usage_aggregates`),
    sql`
      with ${countedPeriods(tenantId, range)}
      insert into usage_aggregates (${USAGE_COLUMNS})
      select sums.* from (${usageOf(sql`counted`)}) as sums cross join scope where ${isInScope(range)}`,
    emptied(sql`outcome_aggregates`),
    sql`
      with ${countedPeriods(tenantId, range)}
      insert into outcome_aggregates (${OUTCOME_COLUMNS})
      select sums.* from (${outcomesOf(sql`counted`)}) as sums cross join scope where ${isInScope(range)}`,
    addMissing(tenantId, range),
    adjustWrong(tenantId, range, reason),
  ];
}

/** Each request whose newest revision was never posted gets that posting, on top of what its older ones say. */
function addMissing(tenantId: string, range: DayRange): SQL {
  return sql`
    with ${countedPeriods(tenantId, range)},
    before as materialized (
      select event_id, sum(spent) as spent, sum(estimated) as estimated, max(revision) as revision from ledger_postings
      where tenant_id = ${tenantId} and event_id in (select id from counted) group by event_id
    ),
    added as (
      insert into ledger_postings (tenant_id, event_id, revision, kind, available, spent, estimated, occurred_at)
      select tenant_id, id, counted.revision, case when event_id is null then first_kind else 'corrected' end,
        coalesce(before.spent, 0) + coalesce(before.estimated, 0) - cost_usd,
        case first_kind when 'settled' then cost_usd else 0 end - coalesce(before.spent, 0),
        case first_kind when 'estimated' then cost_usd else 0 end - coalesce(before.estimated, 0),
        coalesce(ended_at, started_at)
      from counted
      cross join lateral (select ${firstPostingKind(sql`counted`)} as first_kind) as kind
      left join before on event_id = counted.id
      where counted.revision > coalesce(before.revision, 0)
      returning 1
    )
    select set_config('app.postings_added', count(*)::text, true) from added`;
}

function adjustWrong(tenantId: string, range: DayRange, reason: string): SQL {
  return sql`
    with ${countedPeriods(tenantId, range)},
    orphans as materialized (${orphanedPostings(tenantId, range)}),
    posted as materialized (${postedOf(tenantId, sql`select id from counted union all select id from orphans`)}),
    wrong as (
      select posted.event_id as id,
        case when counted.id is null or counted.status = 'estimated' then 0 else cost_usd end - posted.spent as spent,
        case when counted.status = 'estimated' then cost_usd else 0 end - posted.estimated as estimated
      from posted left join counted on counted.id = posted.event_id
    ),
    adjusted as (
      insert into ledger_postings (tenant_id, event_id, revision, kind, spent, estimated, adjustment, reason, occurred_at)
      select ${tenantId}::uuid, ${adjustmentOf(sql`wrong.id`)},
        1 + coalesce((select max(revision) from ledger_postings
          where tenant_id = ${tenantId} and event_id = ${adjustmentOf(sql`wrong.id`)}), 0),
        'adjusted', spent, estimated, -spent - estimated, ${reason}, now()
      from wrong where spent <> 0 or estimated <> 0
      returning 1
    )
    select current_setting('app.postings_added') as postings_added, count(*)::text as postings_adjusted from adjusted`;
}
