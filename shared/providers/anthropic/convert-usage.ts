import type { Usage } from '../contract.ts';
import { unifyUsage } from '../convert/unify-usage.ts';
import type { AnthropicUsage } from './schemas.ts';

/** Anthropic counts input that was read from or written to the cache beside `input_tokens`: the total adds them up. */
export function convertUsage(usage: AnthropicUsage | null | undefined): Usage | undefined {
  if (!usage) return undefined;
  const { input_tokens: uncached, cache_read_input_tokens: read, cache_creation_input_tokens: written } = usage;
  return unifyUsage({
    inputTokens: uncached == null ? undefined : uncached + (read ?? 0) + (written ?? 0),
    outputTokens: usage.output_tokens,
    cachedInputTokens: read,
    cacheWriteTokens: written,
    reasoningTokens: usage.output_tokens_details?.thinking_tokens,
  });
}
