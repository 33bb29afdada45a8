import * as z from 'zod';
import type { Usage } from '../contract.ts';
import { unifyUsage } from '../convert/unify-usage.ts';
import { tokens } from './schemas.ts';

const usage = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  prompt_tokens_details: z
    .object({ cached_tokens: tokens, cache_write_tokens: tokens, audio_tokens: tokens })
    .nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: tokens, audio_tokens: tokens }).nullish(),
});

/**
 * The totals already include their parts: cached, written and audio in the prompt, reasoning and audio in the
 * completion. Usage that makes no sense counts as none.
 */
export function convertUsage(raw: unknown): Usage | undefined {
  const { data } = usage.safeParse(raw);
  return unifyUsage({
    inputTokens: data?.prompt_tokens,
    outputTokens: data?.completion_tokens,
    cachedInputTokens: data?.prompt_tokens_details?.cached_tokens,
    cacheWriteTokens: data?.prompt_tokens_details?.cache_write_tokens,
    reasoningTokens: data?.completion_tokens_details?.reasoning_tokens,
    audioInputTokens: data?.prompt_tokens_details?.audio_tokens,
    audioOutputTokens: data?.completion_tokens_details?.audio_tokens,
  });
}
