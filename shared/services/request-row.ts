import * as z from 'zod';
import type { RequestRecorded } from '../contracts/queues.ts';

/** A row of `requests` without its tenant. Keys are its columns, so that one list of names serves reading and writing. */
export type RequestRow = ReturnType<typeof toRequestRow>;

/** What sums tell apart of a `RoutingDecision`: of one that another release wrote otherwise, as of none, nothing. */
const countedDecision = z.object({
  policyId: z.uuid().nullable().catch(null),
  candidates: z.array(z.object({ status: z.string() })).catch([]),
});

/** The row that an outcome is recorded as. */
export function toRequestRow(event: RequestRecorded) {
  const { usage } = event;
  const { policyId, candidates } = countedDecision.parse(event.routing ?? {});
  return {
    id: event.requestId,
    environment_id: event.environmentId,
    api_key_id: event.apiKeyId,
    task_id: event.taskId,
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
    attempts: event.attempts,
    routing: event.routing,
    routing_policy_id: policyId,
    is_fallback: candidates.findIndex(({ status }) => status === 'served') > 0,
    cache_outcome: event.cache?.outcome,
    saved_usd: event.cache?.savedPicoUsd && usdText(event.cache.savedPicoUsd),
    saved_token_count: event.cache?.savedTokens,
    colo: event.location?.colo,
    jurisdiction: event.location?.jurisdiction,
    endpoint_region: event.location?.endpointRegion,
    guarantee: event.location?.guarantee,
    residency: event.location?.residency,
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
