import * as z from 'zod';

/**
 * What a request used. Input counts everything read, cached and audio included; output everything written, reasoning and
 * audio included. What the vendor did not say stays absent; it is never written as 0.
 */
export const usage = z.object({
  inputTokens: z.number().int().nonnegative().optional(),
  outputTokens: z.number().int().nonnegative().optional(),
  cachedInputTokens: z.number().int().nonnegative().optional(),
  cacheWriteTokens: z.number().int().nonnegative().optional(),
  reasoningTokens: z.number().int().nonnegative().optional(),
  audioInputTokens: z.number().int().nonnegative().optional(),
  audioOutputTokens: z.number().int().nonnegative().optional(),
  searches: z.number().int().nonnegative().optional(),
});
export type Usage = z.infer<typeof usage>;
