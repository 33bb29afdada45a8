import type { ChatCompletion } from 'openai/resources/chat/completions';
import type { FinishReason } from '../contract.ts';
import { unifyFinishReason } from '../convert/unify-finish-reason.ts';

const REASONS: Record<ChatCompletion.Choice['finish_reason'], FinishReason> = {
  stop: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
};

/** The unified form of `finish_reason`. */
export function mapFinishReason(raw: string | null | undefined): FinishReason {
  return unifyFinishReason(REASONS, raw);
}
