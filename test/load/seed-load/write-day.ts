import type pg from 'pg';
import { firstIdAt } from '../../../shared/domain/usage/request-id-time.ts';
import type { Lane } from './lanes.ts';
import { DAY_MS, type LoadOptions } from './load-options.ts';
import { boundsOf, hourBounds, type LoadDay } from './traffic-shape.ts';

/** How long before its request a lease was given, at most. */
const LEASE_AGE_MS = 9_000;
/** Each purpose draws from a sequence of its own. */
const PURPOSES = 64;

/** Keeps the lanes for the statements of this connection. */
export async function keepLanes(client: pg.Client, lanes: readonly Lane[]): Promise<void> {
  await client.query(`create temporary table load_lanes (
    place integer primary key, tenant_id uuid, environment_id uuid, api_key_id uuid, provider text, model text,
    input numeric, cached_input numeric, output numeric)`);
  await client.query(
    `insert into load_lanes
     select place, "tenantId", "environmentId", "apiKeyId", provider, model, input, "cachedInput", output
     from rows from (jsonb_to_recordset($1) as ("tenantId" uuid, "environmentId" uuid, "apiKeyId" uuid, provider text,
       model text, input numeric, "cachedInput" numeric, output numeric)) with ordinality as lane
       ("tenantId", "environmentId", "apiKeyId", provider, model, input, "cachedInput", output, place)`,
    [JSON.stringify(lanes)],
  );
  await client.query('analyze load_lanes');
}

/**
 * Writes the requests of a day, every value of them drawn from the request's number and the seed alone. Latencies are
 * log-normal; one request in fifty fails; a few are given up, and a few lose their settlement, half of which are
 * corrected later. Some were tried twice.
 */
export function requestsOfDay(options: LoadOptions, lanes: readonly Lane[], version: string, day: LoadDay): string {
  const draw = (purpose: number) =>
    `(((hashint8extended(n, ${options.seed * PURPOSES + purpose}) >> 11) & 9007199254740991) / 9007199254740992.0::float8)`;
  const normal = (purpose: number) => `(sqrt(-2 * ln(1 - ${draw(purpose)})) * cos(2 * pi() * ${draw(purpose + 1)}))`;
  const bounds = (values: readonly number[]) => `'{${values.join(',')}}'::float8[]`;
  return `
    insert into requests (tenant_id, id, environment_id, api_key_id, provider, model, task_type, status, error_code,
      latency_ms, input_token_count, cached_input_token_count, output_token_count, cost_usd, price_version_id, revision,
      started_at, ended_at, trace_id, created_at, attempts)
    select tenant_id,
      (lpad(to_hex(started_ms - lease_age), 12, '0') || '7' || left(digits, 3) || 'a' || substr(digits, 4, 15))::uuid,
      environment_id, api_key_id, provider, model, 'chat', status,
      case status when 'estimated' then 'settlement_lost' when 'canceled' then 'canceled' when 'failed' then
        (array['provider_failed', 'provider_rate_limited', 'provider_timeout', 'provider_rejected'])[1 + floor(detail * 4)::int]
      end,
      case when status <> 'estimated' then latency end,
      case when status <> 'failed' then input_tokens end,
      case when status in ('completed', 'canceled') then cached end,
      case when status <> 'failed' then output_tokens end,
      case status when 'failed' then 0 else
        ((input_tokens - cached) * input + cached * cached_input + output_tokens * output) * 0.000000000001 end,
      '${version}', case when outcome >= 0.030 and outcome < 0.032 then 2 else 1 end,
      to_timestamp(started_ms / 1000.0), to_timestamp((started_ms + latency) / 1000.0), md5(digits),
      to_timestamp(started_ms / 1000.0),
      case when detail < 0.01 then jsonb_build_array(
        jsonb_build_object('provider', provider, 'model', model, 'startedAt', started_ms,
          'endedAt', started_ms + latency / 3, 'status', 'failed', 'errorCode', 'provider_overloaded'),
        jsonb_build_object('provider', provider, 'model', model, 'startedAt', started_ms + latency / 3,
          'endedAt', started_ms + latency, 'status', status, 'errorCode', null)) end
    from (
      select *,
        case when outcome < 0.020 then 'failed' when outcome < 0.028 then 'canceled' when outcome < 0.030 then 'estimated'
          else 'completed' end as status,
        case when cache < 0.2 then input_tokens / 2 else 0 end as cached,
        ${day.start} + (hour - 1) * 3600000::bigint + floor(minute * 3600000)::bigint as started_ms
      from (
        select ${draw(1)} as lane_at, ${draw(2)} as hour_at, ${draw(3)} as minute, ${draw(4)} as outcome,
          ${draw(5)} as detail, ${draw(6)} as cache, floor(${draw(7)} * ${LEASE_AGE_MS})::bigint as lease_age,
          greatest(20, exp(6.9 + 0.75 * ${normal(8)}))::bigint as latency,
          greatest(3, exp(5.8 + 1.1 * ${normal(10)}))::bigint as input_tokens,
          greatest(1, exp(4.9 + 0.9 * ${normal(12)}))::bigint as output_tokens,
          md5('${options.seed}/' || n) as digits
        from generate_series(${day.first}::bigint, ${day.end - 1}::bigint) as n offset 0
      ) as drawn
      cross join lateral (
        select width_bucket(lane_at, ${bounds(boundsOf(lanes.map(({ weight }) => weight)))}) as lane,
          width_bucket(hour_at, ${bounds(hourBounds())}) as hour
      ) as place
      join load_lanes on load_lanes.place = lane
      offset 0
    ) as request`;
}

/** What follows FROM: a day's generated requests, counted once each. */
export function rowsOfDay({ start }: LoadDay): string {
  const at = (time: number) => `to_timestamp(${time / 1000})`;
  return `(select 1 as sign, * from requests
    where id >= '${firstIdAt(start - LEASE_AGE_MS)}' and id < '${firstIdAt(start + DAY_MS)}'
      and started_at >= ${at(start)} and started_at < ${at(start + DAY_MS)}
      and tenant_id in (select tenant_id from load_lanes)) as counted`;
}
