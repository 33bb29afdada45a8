import { sql } from 'drizzle-orm';
import type { RequestRecorded } from '../contracts/queues.ts';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';

/**
 * Writes outcomes of requests and adds them to the usage of their hour. Every event may arrive any number of times, in any
 * order and at once: each request has one row, at its highest revision, and usage counts exactly what the rows say.
 */
export async function recordRequests(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly RequestRecorded[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  if (events.length === 0) return;
  await withTenant(db, tenantId, (db) => [
    // One writer per tenant: the statement below, which begins after this one, sees all that was written before it.
    db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${tenantId}, 0))`),
    db.execute(recordStatement(tenantId, newestRevisions(events).map(toRow))),
  ]);
}

/** One statement may write a row only once. */
function newestRevisions(events: readonly RequestRecorded[]): RequestRecorded[] {
  const newest = new Map<string, RequestRecorded>();
  for (const event of events) {
    const known = newest.get(event.requestId);
    if (!known || known.revision < event.revision) newest.set(event.requestId, event);
  }
  return [...newest.values()];
}

/** Keys are the columns of `requests`, so that one list of names serves reading and writing. */
function toRow(event: RequestRecorded) {
  const { usage } = event;
  return {
    id: event.requestId,
    environment_id: event.environmentId,
    api_key_id: event.apiKeyId,
    provider: event.provider,
    model: event.model,
    task_type: event.taskType,
    status: event.status,
    error_code: event.errorCode,
    latency_ms: event.latencyMs,
    input_token_count: usage.inputTokens,
    cached_input_token_count: usage.cachedInputTokens,
    cache_write_token_count: usage.cacheWriteTokens,
    audio_input_token_count: usage.audioInputTokens,
    output_token_count: usage.outputTokens,
    reasoning_token_count: usage.reasoningTokens,
    audio_output_token_count: usage.audioOutputTokens,
    search_count: usage.searches,
    cost_usd: usdText(event.costPicoUsd),
    price_version_id: event.priceVersion,
    own_prices: event.ownPrices,
    revision: event.revision,
    started_at: new Date(event.startedAt).toISOString(),
    ended_at: new Date(event.endedAt).toISOString(),
    trace_id: event.traceId,
    metadata: event.metadata,
    created_at: new Date(event.startedAt).toISOString(), // when the request was made, not when the ledger heard of it
  };
}

/** Pico-dollars as dollars: the same digits with the point moved. */
function usdText(picoUsd: string): string {
  return `${picoUsd}e-12`;
}

function recordStatement(tenantId: string, rows: readonly ReturnType<typeof toRow>[]) {
  const names = Object.keys(rows[0] ?? {});
  const columns = sql.raw(names.join(', '));
  const replacements = sql.raw(names.map((name) => `${name} = excluded.${name}`).join(', '));
  return sql`
    with incoming as (
      select * from jsonb_populate_recordset(null::requests, ${toJsonb(rows)}::jsonb)
    ),
    previous as (
      select requests.* from requests join incoming using (id) where requests.tenant_id = ${tenantId}
    ),
    written as (
      insert into requests (tenant_id, ${columns})
      select ${tenantId}, ${columns} from incoming
      on conflict (tenant_id, id) do update set ${replacements}
      where requests.revision < excluded.revision
      returning *
    ),
    -- What each written row adds, less what its older revision had added.
    difference as (
      select 1 as sign, * from written
      union all
      select -1, previous.* from previous join written using (id)
    )
    insert into usage_aggregates as usage (
      tenant_id, period_start, period_end, unit, environment_id, api_key_id, provider, model, value, cost_usd)
    select
      ${tenantId}, hour, hour + interval '1 hour', unit, environment_id, api_key_id, provider, model,
      sum(sign * value), sum(sign * cost_usd)
    from difference
    cross join date_trunc('hour', started_at, 'UTC') as hour
    cross join lateral (values
      ('requests', 1),
      ('tokens', coalesce(input_token_count, 0) + coalesce(output_token_count, 0)),
      ('cost_usd', cost_usd)
    ) as measure (unit, value)
    group by hour, unit, environment_id, api_key_id, provider, model
    on conflict (tenant_id, unit, period_start, period_end, environment_id, api_key_id, provider, model) do update set
      value = usage.value + excluded.value,
      cost_usd = usage.cost_usd + excluded.cost_usd,
      updated_at = now()`;
}
