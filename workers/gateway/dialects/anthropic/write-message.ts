import type { Message, MessageDeltaUsage, StopReason, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import type { FinishReason } from '../../../../shared/providers/contract.ts';
import { chatOutputOf } from '../chat-output.ts';
import { compactId } from '../compact-id.ts';

const STOP_REASONS: Record<FinishReason, StopReason> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  error: 'end_turn',
  other: 'end_turn',
  unknown: 'end_turn',
};

/** Anthropic's own words, which pass through. */
const OWN_REASONS: Record<StopReason, true> = {
  end_turn: true,
  max_tokens: true,
  stop_sequence: true,
  tool_use: true,
  pause_turn: true,
  refusal: true,
  model_context_window_exceeded: true,
};

/** A message without content, as one begins. */
export function emptyMessage(requestId: string, model: string): Message {
  return {
    id: `msg_${compactId(requestId)}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: {
      ...writeUsage(null),
      input_tokens: 0,
      cache_creation: null,
      inference_geo: null,
      service_tier: null,
      speed: null,
    },
  };
}

/** A call without its input. */
export function emptyToolUse(id: string, name: string): ToolUseBlock {
  return { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } };
}

/** Why the model stopped. Only Anthropic says if it was a stop sequence; elsewhere that is the end of a turn. */
export function writeStopReason(response: OrchestrateResponse): StopReason {
  const { finishReason = 'unknown', rawFinishReason: raw } = chatOutputOf(response) ?? {};
  return response.provider === 'anthropic' && isOwnReason(raw) ? raw : STOP_REASONS[finishReason];
}

function isOwnReason(raw: string | null | undefined): raw is StopReason {
  return raw != null && Object.hasOwn(OWN_REASONS, raw);
}

type UsageCounts = MessageDeltaUsage & { readonly input_tokens: number };

/**
 * Usage as Anthropic counts it: what the cache read and wrote stands beside the input tokens. The API has no word for a
 * count that is not known: it is written as 0.
 */
export function writeUsage(usage: OrchestrateResponse['usage']): UsageCounts {
  const { inputTokens = 0, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens, searches } = usage ?? {};
  return {
    input_tokens: Math.max(0, inputTokens - (cachedInputTokens ?? 0) - (cacheWriteTokens ?? 0)),
    cache_creation_input_tokens: cacheWriteTokens ?? 0,
    cache_read_input_tokens: cachedInputTokens ?? 0,
    output_tokens: outputTokens ?? 0,
    output_tokens_details: reasoningTokens === undefined ? null : { thinking_tokens: reasoningTokens },
    server_tool_use: searches === undefined ? null : { web_search_requests: searches, web_fetch_requests: 0 },
  };
}
