import * as z from 'zod';

const tokens = z.number().int().nonnegative().nullish();

/** `usage` of a message. */
export const usage = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: tokens,
  output_tokens_details: z.object({ thinking_tokens: tokens }).nullish(),
});
export type AnthropicUsage = z.infer<typeof usage>;

/** What is read of `POST /messages`. Usage that makes no sense counts as none. */
export const message = z.object({
  model: z.string().nullish(),
  content: z.array(z.object({ type: z.string(), text: z.string().nullish() })),
  stop_reason: z.string().nullish(),
  usage: usage.nullish().catch(undefined),
});

/** What is read of an error body. */
export const errorBody = z.object({
  error: z.object({
    message: z.string().nullish(),
    type: z.string().nullish(),
    details: z.object({ error_code: z.string().nullish() }).nullish().catch(undefined),
  }),
});
