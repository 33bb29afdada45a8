import type { ChatCompletion } from 'openai/resources/chat/completions';
import type { FinishReason } from '../contract.ts';
import { unifyFinishReason } from '../convert/unify-finish-reason.ts';

/** OpenAI's words, and those that Mistral has beside them. */
const REASONS: Record<ChatCompletion.Choice['finish_reason'] | 'model_length' | 'error', FinishReason> = {
  stop: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  model_length: 'length',
  error: 'error',
};

/**
 * The unified form of `finish_reason`. A refusal is filtered content whatever the word, and a call that the request
 * forced ends with `stop`, which still waits for its result.
 */
export function mapFinishReason(
  raw: string | null | undefined,
  { isRefused, hasCalls }: { readonly isRefused: boolean; readonly hasCalls: boolean },
): FinishReason {
  if (isRefused) return 'content-filter';
  return raw === 'stop' && hasCalls ? 'tool-calls' : unifyFinishReason(REASONS, raw);
}
