import type { StopReason } from '@anthropic-ai/sdk/resources/messages';
import type { FinishReason } from '../contract.ts';
import { unifyFinishReason } from '../convert/unify-finish-reason.ts';

const REASONS: Record<StopReason, FinishReason> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
  pause_turn: 'other',
};

/** The unified form of `stop_reason`. */
export function mapFinishReason(raw: string | null | undefined): FinishReason {
  return unifyFinishReason(REASONS, raw);
}
