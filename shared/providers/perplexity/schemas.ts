import * as z from 'zod';

const tokens = z.number().int().nonnegative().nullish();

/** `usage` of a chat completion. */
export const usage = z.object({ prompt_tokens: tokens, completion_tokens: tokens, reasoning_tokens: tokens });
export type PerplexityUsage = z.infer<typeof usage>;

const part = z.object({ text: z.string().nullish() });

const choice = z.object({
  message: z.object({ content: z.union([z.string(), z.array(part)]).nullish() }),
  finish_reason: z.string().nullish(),
});

/** What is read of `POST /chat/completions`. Usage that makes no sense counts as none. */
export const completion = z.object({
  model: z.string().nullish(),
  choices: z.tuple([choice]).rest(z.unknown()),
  usage: usage.nullish().catch(undefined),
});

/** What is read of an error body: Perplexity's own, or the list that its request validation answers. */
export const errorBody = z.union([
  z.object({ error: z.object({ message: z.string().nullish(), type: z.string().nullish().catch(undefined) }) }),
  z.object({ detail: z.tuple([z.object({ msg: z.string(), type: z.string().nullish() })]).rest(z.unknown()) }),
]);
