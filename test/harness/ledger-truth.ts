import type { RequestRecorded } from '../../shared/contracts/queues.ts';
import { bucketOf } from '../../shared/domain/usage/latency-buckets.ts';

const HOUR_MS = 3_600_000;
const PERIODS_MS = [HOUR_MS, 24 * HOUR_MS];

/** A tenant's ledger as sorted lines: equal ledgers give equal lines. */
export interface LedgerLines {
  readonly requests: readonly string[];
  readonly usage: readonly string[];
  readonly outcomes: readonly string[];
  /** What the postings of each request come to. */
  readonly money: readonly string[];
}

/** Runs a statement as someone who sees every tenant's rows. */
export type Query = (text: string, values: unknown[]) => Promise<readonly Record<string, unknown>[]>;

/** What the database has of a tenant. Sums that came back to nothing are left out. */
export async function storedLedger(query: Query, tenantId: string): Promise<LedgerLines> {
  const lines = async (text: string) => (await query(text, [tenantId])).map(({ line }) => String(line)).sort();
  return {
    requests: await lines(
      `select concat_ws(' ', id, revision, status, cost_usd, coalesce(input_token_count::text, '-'),
         coalesce(output_token_count::text, '-'), (extract(epoch from created_at) * 1000)::bigint,
         coalesce(routing_policy_id::text, '-'), is_fallback) as line
       from requests where tenant_id = $1`,
    ),
    usage: await lines(
      `select concat_ws(' ', (extract(epoch from period_start) * 1000)::bigint, (extract(epoch from period_end) * 1000)::bigint,
         unit, environment_id, coalesce(api_key_id::text, '-'), provider, model, coalesce(routing_policy_id::text, '-'),
         value, cost_usd) as line
       from usage_aggregates where tenant_id = $1 and (value <> 0 or cost_usd <> 0
         or unit in ('requests', 'tokens', 'cost_usd')
         and exists (select from usage_aggregates as counted where unit = 'requests' and value <> 0
           and (counted.tenant_id, counted.period_start, counted.period_end, counted.environment_id, counted.provider, counted.model)
             = (usage_aggregates.tenant_id, usage_aggregates.period_start, usage_aggregates.period_end,
               usage_aggregates.environment_id, usage_aggregates.provider, usage_aggregates.model)
           and counted.api_key_id is not distinct from usage_aggregates.api_key_id
           and counted.routing_policy_id is not distinct from usage_aggregates.routing_policy_id))`,
    ),
    outcomes: await lines(
      `select concat_ws(' ', (extract(epoch from period_start) * 1000)::bigint, (extract(epoch from period_end) * 1000)::bigint,
         environment_id, provider, model, status, coalesce(error_code, '-'), coalesce(routing_policy_id::text, '-'), requests,
         latency_buckets::text, latency_counts::text) as line
       from outcome_aggregates where tenant_id = $1 and requests <> 0`,
    ),
    money: await lines(
      `select concat_ws(' ', event_id, sum(available), sum(held), sum(spent), sum(estimated), sum(adjustment)) as line
       from ledger_postings where tenant_id = $1 group by event_id`,
    ),
  };
}

/** What a ledger says that has each request as its event, at its last revision, tells: counted here, in whole numbers. */
export function ledgerOf(events: readonly RequestRecorded[]): LedgerLines {
  return {
    requests: events.map(requestLine).sort(),
    usage: usageLines(events),
    outcomes: outcomeLines(events),
    money: events
      .map(({ requestId, status, costPicoUsd }) => {
        const cost = BigInt(costPicoUsd);
        const [spent, estimated] = status === 'estimated' ? [0n, cost] : [cost, 0n];
        return [requestId, ...[-cost, 0n, spent, estimated, 0n].map(usdOf)].join(' ');
      })
      .sort(),
  };
}

function requestLine(event: RequestRecorded): string {
  const { requestId, revision, status, costPicoUsd, usage, startedAt } = event;
  const { inputTokens = '-', outputTokens = '-' } = usage;
  return [
    ...[requestId, revision, status, usdOf(BigInt(costPicoUsd)), inputTokens, outputTokens, startedAt],
    ...[policyOf(event), isFallback(event) ? 't' : 'f'],
  ].join(' ');
}

function usageLines(events: readonly RequestRecorded[]): string[] {
  const sums = new Map<string, { value: bigint; cost: bigint }>();
  for (const event of events) {
    const { startedAt, environmentId, apiKeyId, provider, model } = event;
    for (const period of periodsOf(startedAt)) {
      for (const [unit, value, cost] of measuresOf(event)) {
        const key = [period, unit, environmentId, apiKeyId ?? '-', provider, model, policyOf(event)].join(' ');
        const sum = sums.get(key) ?? { value: 0n, cost: 0n };
        sums.set(key, { value: sum.value + value, cost: sum.cost + cost });
      }
    }
  }
  return [...sums].map(([key, { value, cost }]) => `${key} ${usdOf(value)} ${usdOf(cost)}`).sort();
}

type Measure = readonly [unit: string, value: bigint, cost: bigint];

/** Values with twelve decimals. What `fallbacks` and units of the cache count none of has no line. */
function measuresOf(event: RequestRecorded): readonly Measure[] {
  const { usage, costPicoUsd, cache } = event;
  const cost = BigInt(costPicoUsd);
  const [one, tokens] = [10n ** 12n, BigInt((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0))];
  const usual: Measure[] = [
    ['requests', one, cost],
    ['tokens', tokens * one, cost],
    ['cost_usd', cost, cost],
    ...(isFallback(event) ? [['fallbacks', one, cost] as const] : []),
  ];
  if (!cache) return usual;
  const saved = BigInt(cache.savedPicoUsd ?? 0);
  const savedTokens = BigInt(cache.savedTokens ?? 0) * one;
  return [
    ...usual,
    ['cache_lookups', one, 0n],
    ...(cache.outcome === 'miss' ? [] : [['cache_hits', one, saved] as const]),
    ...(savedTokens === 0n && saved === 0n ? [] : [['cache_tokens', savedTokens, saved] as const]),
  ];
}

function outcomeLines(events: readonly RequestRecorded[]): string[] {
  const sums = new Map<string, { requests: number; histogram: Map<number, number> }>();
  for (const event of events) {
    const { startedAt, environmentId, provider, model, status, errorCode, latencyMs, cache } = event;
    for (const period of periodsOf(startedAt)) {
      const key = [period, environmentId, provider, model, status, errorCode ?? '-', policyOf(event)].join(' ');
      const sum = sums.get(key) ?? { requests: 0, histogram: new Map<number, number>() };
      sums.set(key, sum);
      sum.requests += 1;
      if (latencyMs === null || (cache && cache.outcome !== 'miss')) continue; // a stored answer’s says nothing
      const bucket = bucketOf(latencyMs);
      sum.histogram.set(bucket, (sum.histogram.get(bucket) ?? 0) + 1);
    }
  }
  return [...sums]
    .map(([key, { requests, histogram }]) => {
      const buckets = [...histogram].sort(([one], [other]) => one - other);
      const list = (values: number[]) => `{${values.join(',')}}`;
      return `${key} ${requests} ${list(buckets.map(([bucket]) => bucket))} ${list(buckets.map(([, count]) => count))}`;
    })
    .sort();
}

function policyOf({ routing }: RequestRecorded): string {
  return String(routing?.policyId ?? '-');
}

/** If a candidate served that is not the first. */
function isFallback({ routing }: RequestRecorded): boolean {
  const [, ...others] = (routing?.candidates ?? []) as readonly { readonly status: string }[];
  return others.some(({ status }) => status === 'served');
}

function periodsOf(time: number): string[] {
  return PERIODS_MS.map((length) => `${time - (time % length)} ${time - (time % length) + length}`);
}

/** Pico-units as the decimal text of a numeric with twelve places. */
export function usdOf(pico: bigint): string {
  const digits = String(pico < 0n ? -pico : pico).padStart(13, '0');
  return `${pico < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`;
}
