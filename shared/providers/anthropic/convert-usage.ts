import type { ReportedUsage } from '../contract.ts';
import { reportUsage } from '../convert/report-usage.ts';
import { unifyUsage } from '../convert/unify-usage.ts';
import { usage } from './schemas.ts';

/**
 * Anthropic counts input that was read from or written to the cache beside `input_tokens`: the total adds them up.
 * Usage that makes no sense counts as none. https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function convertUsage(raw: unknown): ReportedUsage {
  return reportUsage(raw, (counts) => {
    const { data } = usage.safeParse(counts);
    if (!data) return undefined;
    const { input_tokens: uncached, cache_read_input_tokens: read, cache_creation_input_tokens: written } = data;
    return unifyUsage({
      inputTokens: uncached == null ? undefined : uncached + (read ?? 0) + (written ?? 0),
      outputTokens: data.output_tokens,
      cachedInputTokens: read,
      cacheWriteTokens: written,
      reasoningTokens: data.output_tokens_details?.thinking_tokens,
      searches: data.server_tool_use?.web_search_requests,
    });
  });
}
