import { sql } from 'drizzle-orm';
import type { ResidencyReport } from '../contracts/http/residency-report.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { idRangeOf } from '../domain/usage/request-id-time.ts';
import { isoTime } from './request-fields.ts';
import { RESIDENCY_POLICIES, toResidencyPolicy } from './residency-policy-fields.ts';

/** Where the page before ended: a time (ISO 8601, to the microsecond) and an id. */
export type OutsidePlace = readonly [createdAt: string, id: string];

interface QueryResidency {
  readonly db: Database;
  readonly tenantId: string;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly after: OutsidePlace | null;
  readonly limit: number;
}

type Outside = ResidencyReport['outside'][number];
type Found = Pick<ResidencyReport, 'keptFrom' | 'policies' | 'calls' | 'refusals' | 'outside'>;

/**
 * Where a tenant's calls went in a period, what was refused, and a page of the requests that went outside. What comes by
 * number is counted for the first page alone. A call that has a record of its own, and those before it, are counted by that.
 */
export async function queryResidency(
  input: QueryResidency,
): Promise<{ readonly found: Found; readonly next: OutsidePlace | null }> {
  const { db, tenantId, from, to, after, limit } = input;
  const ids = idRangeOf(from, to);
  const made = sql`created_at >= ${iso(from)}::timestamptz and created_at < ${iso(to)}::timestamptz`;
  const own = sql`tenant_id = ${tenantId} and id >= ${ids.first}::uuid and id < ${ids.end}::uuid and ${made}`;
  const behind = after ? sql`and (created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``;
  const isFirst = after === null;
  const [policies, kept, calls, refusals, outside] = await withTenant(db, tenantId, (db) => [
    db.execute<{ fields: unknown }>(sql`
      select ${RESIDENCY_POLICIES.fields} as fields from data_residency_policies
      where tenant_id = ${tenantId} order by id`),
    db.execute<{ keptFrom: string | null }>(sql`
      select ${isoTime(sql`(max(day) + interval '1 day')`, 'MS')} as "keptFrom" from roll_offs
      where tenant_id = ${tenantId} and what = 'requests' and day >= ${iso(from)}::timestamptz - interval '1 day'
        and day < ${iso(to)}::timestamptz`),
    db.execute<NonNullable<Found['calls']>[number]>(sql`
      with asked as ( -- a stored answer is no call
        select * from requests where ${isFirst} and ${own} and coalesce(cache_outcome, 'miss') = 'miss'
      ),
      called as (
        select provider, endpoint_region, guarantee, residency, jurisdiction, colo from asked where attempts is null
        union all
        select attempt ->> 'provider', attempt #>> '{endpoint,endpointRegion}', attempt #>> '{endpoint,guarantee}',
          attempt #>> '{endpoint,residency}', jurisdiction, colo
        from asked cross join lateral jsonb_array_elements(attempts) with ordinality as made (attempt, place)
        where place > coalesce((
          select max(place) from jsonb_array_elements(attempts) with ordinality as told (attempt, place)
          where attempt ? 'requestId'), 0)
      )
      select provider, endpoint_region as "endpointRegion", guarantee, residency, jurisdiction, colo,
        count(*)::float8 as calls
      from called group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`),
    db.execute<NonNullable<Found['refusals']>[number]>(sql`
      select target_id as route, sum((metadata ->> 'count')::bigint)::float8 as count,
        min(metadata ->> 'firstAt') as "firstAt", ${isoTime(sql`max(created_at)`, 'MS')} as "lastAt"
      from audit_logs
      where ${isFirst} and tenant_id = ${tenantId} and ${made} and action = 'access.denied'
        and metadata ->> 'reason' = 'residency_refused'
      group by target_id order by target_id`),
    db.execute<Outside & { place: string }>(sql`
      select id as "requestId", ${isoTime(sql`created_at`, 'MS')} as "createdAt", environment_id as "environmentId",
        api_key_id as "apiKeyId", provider, model, endpoint_region as "endpointRegion", guarantee, jurisdiction, colo,
        ${isoTime(sql`created_at`, 'US')} as place
      from requests where ${own} and residency = 'outside' ${behind}
      order by created_at desc, id desc limit ${limit + 1}`),
  ]);
  const page = outside.rows.slice(0, limit);
  const last = outside.rows.length > limit ? page.at(-1) : undefined;
  return {
    found: {
      keptFrom: kept.rows[0]?.keptFrom ?? null,
      policies: policies.rows.map(({ fields }) => toResidencyPolicy(fields)),
      calls: isFirst ? calls.rows : null,
      refusals: isFirst ? refusals.rows : null,
      outside: page.map(({ place: _, ...request }) => request),
    },
    next: last ? [last.place, last.requestId] : null,
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
