import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { countedPeriods, type DayRange, isInScope, orphanedPostings, postedOf } from '../db/counted-periods.ts';
import { OUTCOME_COLUMNS, outcomesOf, USAGE_COLUMNS, usageOf } from '../db/ledger-sums.ts';
import type { StatementRunner } from '../db/statement-runner.ts';

/** Differences that one answer names; one more tells that there are more. */
const MOST_DIFFERENCES = 1_000;

const finding = z.object({
  check: z.enum(['usage', 'outcomes', 'postings', 'requests']),
  period_start: z.string().nullable(),
  period_end: z.string().nullable(),
  unit: z.string(),
  dimensions: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  expected: z.string().nullable(),
  found: z.string().nullable(),
});

/** Something that two records of the same thing do not agree on. Amounts and counts are exact texts. */
export interface LedgerDifference {
  readonly tenantId: string;
  readonly check: 'usage' | 'outcomes' | 'postings' | 'gate';
  /** Start and end (ISO 8601) of the hour or day; null where it is about no period. */
  readonly periodStart: string | null;
  readonly periodEnd: string | null;
  /** What is counted: `requests`, `tokens`, `cost_usd`, `fallbacks`, `latency`, or an account of the ledger of money. */
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string | number | null>>;
  readonly expected: string;
  readonly found: string;
}

export interface LedgerFindings {
  /** Requests whose rows were read. */
  readonly requests: number;
  readonly differences: readonly LedgerDifference[];
  /** If there are more differences than are named. */
  readonly hasMore: boolean;
}

/**
 * Computes what a tenant's rows of whole days (UTC) come to and compares it with what the sums and the postings of those
 * days say: usage and outcomes by hour and day, and one posting for each request's revision, with its cost. One statement,
 * and so one moment: what is recorded meanwhile is seen whole or not at all. Leaves out what was rolled off. It does not
 * ask the gates.
 */
export async function verifyLedger(
  input: { readonly statements: StatementRunner; readonly tenantId: string } & DayRange,
): Promise<LedgerFindings> {
  const { statements, tenantId, from, to } = input;
  const [rows = []] = await statements.asTenant(tenantId, [findings(tenantId, { from, to })]);
  const found = z.array(finding).parse(rows);
  const requests = found.find(({ check }) => check === 'requests')?.found ?? '0';
  const differences = found.flatMap((each): LedgerDifference[] => {
    const { check, unit, dimensions, period_start: periodStart, period_end: periodEnd } = each;
    if (check === 'requests') return [];
    const [expected, actual] = [each.expected ?? 'none', each.found ?? 'none'];
    return [{ tenantId, check, periodStart, periodEnd, unit, dimensions, expected, found: actual }];
  });
  return {
    requests: Number.parseInt(requests, 10),
    differences: differences.slice(0, MOST_DIFFERENCES),
    hasMore: differences.length > MOST_DIFFERENCES,
  };
}

function findings(tenantId: string, range: DayRange): SQL {
  return sql`
    with ${countedPeriods(tenantId, range)},
    posted as materialized (${postedOf(tenantId, sql`select id from counted`)}),
    orphans as materialized (${orphanedPostings(tenantId, range)}),
    difference as (
      ${usageDifferences(tenantId, range)}
      union all
      ${outcomeDifferences(tenantId, range)}
      union all
      ${postingDifferences(tenantId)}
      union all
      ${orphanDifferences(tenantId)}
      limit ${MOST_DIFFERENCES + 1}
    )
    select check_name as check, ${isoText(sql`period_start`)} as period_start, ${isoText(sql`period_end`)} as period_end,
      unit, dimensions, expected, found
    from difference
    union all
    select 'requests', null, null, 'requests', '{}'::jsonb, null, count(*)::text from counted`;
}

/** Sums of both sides, for what they are compared by: equal or not, whichever side has a line that the other has not. */
function usageDifferences(tenantId: string, range: DayRange): SQL {
  return sql`
    select 'usage' as check_name, period_start, period_end, unit, jsonb_build_object(
        'environmentId', environment_id, 'apiKeyId', api_key_id, 'provider', provider, 'model', model,
        'routingPolicyId', routing_policy_id, 'column', name) as dimensions,
      trim_scale(expected)::text as expected, trim_scale(found)::text as found
    from (
      select period_start, period_end, unit, environment_id, api_key_id, provider, model, routing_policy_id,
        coalesce(sum(value) filter (where is_expected), 0) as expected_value,
        coalesce(sum(value) filter (where not is_expected), 0) as found_value,
        coalesce(sum(cost_usd) filter (where is_expected), 0) as expected_cost,
        coalesce(sum(cost_usd) filter (where not is_expected), 0) as found_cost
      from (
        select true as is_expected, expected.*
        from (${usageOf(sql`counted`)}) as expected cross join scope where ${isInScope(range)}
        union all
        select false, ${USAGE_COLUMNS}
        from usage_aggregates cross join scope where tenant_id = ${tenantId} and ${isInScope(range)}
      ) as line
      group by period_start, period_end, unit, environment_id, api_key_id, provider, model, routing_policy_id
    ) as compared
    cross join lateral (values
      ('value', expected_value, found_value), ('cost_usd', expected_cost, found_cost)
    ) as measure (name, expected, found)
    where expected <> found`;
}

function outcomeDifferences(tenantId: string, range: DayRange): SQL {
  return sql`
    select 'outcomes', period_start, period_end, case when bucket is null then 'requests' else 'latency' end,
      jsonb_build_object('environmentId', environment_id, 'provider', provider, 'model', model, 'status', status,
        'errorCode', error_code, 'routingPolicyId', routing_policy_id, 'bucket', bucket),
      coalesce(sum(count) filter (where is_expected), 0)::text,
      coalesce(sum(count) filter (where not is_expected), 0)::text
    from (
      select true as is_expected, expected.*
      from (${outcomesOf(sql`counted`)}) as expected cross join scope where ${isInScope(range)}
      union all
      select false, ${OUTCOME_COLUMNS}
      from outcome_aggregates cross join scope where tenant_id = ${tenantId} and ${isInScope(range)}
    ) as line
    cross join lateral (
      select null::smallint as bucket, requests as count
      union all
      select * from unnest(latency_buckets, latency_counts)
    ) as counts
    group by period_start, period_end, environment_id, provider, model, status, error_code, routing_policy_id, bucket
    having coalesce(sum(count) filter (where is_expected), 0) <> coalesce(sum(count) filter (where not is_expected), 0)`;
}

/** A request's posting is there at its revision, and what its postings come to is its cost, on the account of its status. */
function postingDifferences(tenantId: string): SQL {
  return sql`
    select 'postings', null, null, unit, jsonb_build_object('requestId', id), expected, found
    from (
      select counted.id, cost_usd, counted.status = 'estimated' as is_estimated, counted.revision,
        (select ledger_postings.revision from ledger_postings
         where tenant_id = ${tenantId} and event_id = counted.id
           and ledger_postings.revision = counted.revision) as posted_revision,
        coalesce(posted.spent, 0) as spent, coalesce(posted.estimated, 0) as estimated
      from counted left join posted on event_id = counted.id
    ) as posting
    cross join lateral (values
      ('revision', revision::text, posted_revision::text),
      ('spent', trim_scale(case when is_estimated then 0 else cost_usd end)::text, trim_scale(spent)::text),
      ('estimated', trim_scale(case when is_estimated then cost_usd else 0 end)::text, trim_scale(estimated)::text)
    ) as account (unit, expected, found)
    where expected is distinct from found`;
}

function orphanDifferences(tenantId: string): SQL {
  return sql`
    select 'postings', null, null, unit, jsonb_build_object('requestId', event_id, 'request', 'none'),
      '0', trim_scale(amount)::text
    from (${postedOf(tenantId, sql`select id from orphans`)}) as orphan
    cross join lateral (values ('spent', spent), ('estimated', estimated)) as account (unit, amount)
    where amount <> 0`;
}

function isoText(time: SQL): SQL {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
}
