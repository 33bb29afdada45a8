import type { Usage } from '../contract.ts';
import { unifyUsage } from '../convert/unify-usage.ts';
import type { OpenaiUsage } from './schemas.ts';

/** OpenAI's totals already include the parts: cached and written in the prompt, reasoning in the completion. */
export function convertUsage(usage: OpenaiUsage | null | undefined): Usage | undefined {
  return unifyUsage({
    inputTokens: usage?.prompt_tokens,
    outputTokens: usage?.completion_tokens,
    cachedInputTokens: usage?.prompt_tokens_details?.cached_tokens,
    cacheWriteTokens: usage?.prompt_tokens_details?.cache_write_tokens,
    reasoningTokens: usage?.completion_tokens_details?.reasoning_tokens,
  });
}
