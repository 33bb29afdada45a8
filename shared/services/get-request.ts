import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { RequestDetail } from '../contracts/http/requests.ts';
import { routingDecision } from '../contracts/http/routing-decision.ts';
import { requestAttempt } from '../contracts/queues.ts';
import { type PriceComponent, priceComponent } from '../contracts/tenant-snapshot.ts';
import { type Usage, usage } from '../contracts/usage.ts';
import { toUsdText } from '../contracts/usd-text.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { costLines } from '../domain/pricing/cost.ts';
import { isoTime, REQUEST_FIELDS, type RequestRecord, toRequestView } from './request-fields.ts';

const PICO_DIGITS = 12;

interface DetailRecord extends RequestRecord {
  readonly [column: string]: unknown;
  readonly metadata: Record<string, unknown>;
  readonly attempts: unknown;
  readonly routing: unknown;
  readonly ownPrices: unknown;
  readonly priceVersionId: string | null;
}

interface EventRecord {
  readonly [column: string]: unknown;
  readonly type: string;
  readonly ts: string;
  readonly payload: Record<string, unknown>;
}

/** A request with its attempts, its events and its bill, or null when the tenant has no such request. */
export async function getRequest(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<RequestDetail | null> {
  const { db, tenantId, id } = input;
  const own = sql`tenant_id = ${tenantId} and id = ${id}::uuid`;
  const [{ rows }, events, prices] = await withTenant(db, tenantId, (db) => [
    db.execute<DetailRecord>(sql`
      select ${REQUEST_FIELDS}, metadata, attempts, routing, own_prices as "ownPrices", price_version_id as "priceVersionId"
      from requests where ${own}`),
    db.execute<EventRecord>(sql`
      select type, ${isoTime(sql`ts`, 'MS')} as ts, payload from request_events
      where tenant_id = ${tenantId} and request_id = ${id}::uuid order by request_events.ts, id`),
    db.execute(sql`
      select kind, pico_usd_per_unit::text as "picoUsdPerUnit", from_input_tokens as "fromInputTokens" from prices
      where (price_version_id, provider, model) in (
        select price_version_id, provider, model from requests where ${own})`),
  ]);
  const [row] = rows;
  if (!row) return null;
  const { metadata, attempts, routing, ownPrices, priceVersionId, ...record } = row;
  const components = z.array(priceComponent).parse(ownPrices ?? prices.rows);
  return {
    ...toRequestView(record),
    metadata,
    ...(routing !== null && { routing: routingDecision.parse(routing) }),
    attempts: attempts === null ? [onlyAttempt(record)] : toAttempts(attempts),
    events: [...ownEvents(record), ...events.rows].sort((one, other) => Date.parse(one.ts) - Date.parse(other.ts)),
    bill: { priceVersionId, hasOwnPrices: ownPrices !== null, ...billOf(record, components) },
  };
}

function onlyAttempt(record: RequestRecord): RequestDetail['attempts'][number] {
  const { provider, model, startedAt, endedAt, status, errorCode } = record;
  return { provider, model, startedAt, endedAt, status, errorCode };
}

function toAttempts(stored: unknown): RequestDetail['attempts'] {
  return z
    .array(requestAttempt)
    .parse(stored)
    .map(({ startedAt, endedAt, ...attempt }) => ({
      ...attempt,
      startedAt: new Date(startedAt).toISOString(),
      endedAt: new Date(endedAt).toISOString(),
    }));
}

/** What a request's own row tells of its life. */
function ownEvents({ startedAt, endedAt, status, errorCode }: RequestRecord): EventRecord[] {
  const started = { type: 'request.started', ts: startedAt, payload: {} };
  if (endedAt === null) return [started];
  return [started, { type: `request.${status}`, ts: endedAt, payload: errorCode === null ? {} : { errorCode } }];
}

function billOf(record: RequestRecord, components: readonly PriceComponent[]) {
  const lines = costLines(components, usageOf(record)) ?? [];
  const costOf = ({ component, units }: (typeof lines)[number]) => BigInt(component.picoUsdPerUnit) * BigInt(units);
  const sum = lines.reduce((total, line) => total + costOf(line), 0n);
  return {
    lines: lines.map((line) => ({
      kind: line.component.kind,
      units: line.units,
      usdPerUnit: toUsdText(BigInt(line.component.picoUsdPerUnit)),
      fromInputTokens: line.component.fromInputTokens,
      costUsd: toUsdText(costOf(line)),
    })),
    costUsd: record.costUsd,
    isExplained: sum === toPicoUsd(record.costUsd),
  };
}

function usageOf(record: RequestRecord): Usage {
  const counts = {
    inputTokens: record.inputTokenCount,
    cachedInputTokens: record.cachedInputTokenCount,
    cacheWriteTokens: record.cacheWriteTokenCount,
    audioInputTokens: record.audioInputTokenCount,
    outputTokens: record.outputTokenCount,
    reasoningTokens: record.reasoningTokenCount,
    audioOutputTokens: record.audioOutputTokenCount,
    searches: record.searchCount,
  };
  return usage.parse(Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== null)));
}

/** The inverse of `toUsdText`. */
function toPicoUsd(usd: string): bigint {
  const [whole = '0', decimals = ''] = usd.split('.');
  return BigInt(whole + decimals.padEnd(PICO_DIGITS, '0'));
}
