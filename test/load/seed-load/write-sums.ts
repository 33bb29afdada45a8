import { type SQL, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import {
  firstPostingKind,
  OUTCOME_COLUMNS,
  outcomesOf,
  USAGE_COLUMNS,
  usageOf,
} from '../../../shared/db/ledger-sums.ts';

/** A lost request was estimated at this many times of what it cost in the end. */
const ESTIMATE = 4;

/**
 * Writes what follows from new requests, by the ledger's own definitions: their sums by hour and day, their outcomes, their
 * postings, and the events of corrections. `rows` is what follows FROM.
 */
export async function writeSums(client: pg.Client, rows: string): Promise<void> {
  const source = sql.raw(rows);
  await run(client, sql`insert into usage_aggregates (${USAGE_COLUMNS}) ${usageOf(source)}`);
  await run(client, sql`insert into outcome_aggregates (${OUTCOME_COLUMNS}) ${outcomesOf(source)}`);
  await run(
    client,
    sql`
    insert into ledger_postings (tenant_id, event_id, revision, kind, available, spent, estimated, occurred_at)
    select tenant_id, id, posting.revision, posting.kind, -spent - estimated, spent, estimated, ended_at
    from ${source}
    cross join lateral (select ${firstPostingKind(sql`counted`)} as first_kind) as first
    cross join lateral (
      select 1 as revision, first_kind as kind, case first_kind when 'settled' then cost_usd else 0 end as spent,
        case first_kind when 'estimated' then cost_usd else 0 end as estimated
      where counted.revision = 1
      union all
      select 1, 'estimated', 0, cost_usd * ${sql.raw(String(ESTIMATE))} where counted.revision = 2
      union all
      select 2, 'corrected', cost_usd, -cost_usd * ${sql.raw(String(ESTIMATE))} where counted.revision = 2
    ) as posting`,
  );
  await run(
    client,
    sql`
    insert into request_events (tenant_id, request_id, ts, type, payload)
    select tenant_id, id, ended_at, 'request.corrected', jsonb_build_object(
      'revision', 2, 'status', status, 'costUsd', cost_usd::text,
      'previous', jsonb_build_object('revision', 1, 'status', 'estimated',
        'costUsd', (cost_usd * ${sql.raw(String(ESTIMATE))})::text))
    from ${source} where revision = 2`,
  );
}

async function run(client: pg.Client, statement: SQL): Promise<void> {
  const { sql: text, params } = new PgDialect().sqlToQuery(statement);
  await client.query(text, params);
}
