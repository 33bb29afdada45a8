import * as z from 'zod';

const tokens = z.number().int().nonnegative().nullish();

/** `usage` of a chat completion. */
export const usage = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  prompt_tokens_details: z.object({ cached_tokens: tokens, cache_write_tokens: tokens }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: tokens }).nullish(),
});
export type OpenaiUsage = z.infer<typeof usage>;

const choice = z.object({
  message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
  finish_reason: z.string().nullish(),
});

/** What is read of `POST /chat/completions`. Usage that makes no sense counts as none. */
export const completion = z.object({
  model: z.string().nullish(),
  choices: z.tuple([choice]).rest(z.unknown()),
  usage: usage.nullish().catch(undefined),
});

const word = z.string().nullish().catch(undefined);

/** What is read of an error body. */
export const errorBody = z.object({
  error: z.object({ message: z.string().nullish(), code: word, type: word }),
});
