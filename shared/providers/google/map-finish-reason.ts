import type { FinishReason as GoogleFinishReason } from '@google/genai';
import type { FinishReason } from '../contract.ts';
import { unifyFinishReason } from '../convert/unify-finish-reason.ts';

const REASONS: Record<`${GoogleFinishReason}`, FinishReason> = {
  FINISH_REASON_UNSPECIFIED: 'unknown',
  STOP: 'stop',
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  NO_IMAGE: 'error',
  LANGUAGE: 'other',
  IMAGE_OTHER: 'other',
  OTHER: 'other',
};

/** The unified form of `finishReason`. Gemini stops for a call as it stops for anything else. */
export function mapFinishReason(raw: string | null | undefined, hasToolCalls: boolean): FinishReason {
  const reason = unifyFinishReason(REASONS, raw);
  return reason === 'stop' && hasToolCalls ? 'tool-calls' : reason;
}
