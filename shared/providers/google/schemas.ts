import * as z from 'zod';

const tokens = z.number().int().nonnegative().nullish();

/** `usageMetadata` of an answer. Fields that are zero are left out. */
export const usage = z.object({
  promptTokenCount: tokens,
  toolUsePromptTokenCount: tokens,
  cachedContentTokenCount: tokens,
  candidatesTokenCount: tokens,
  thoughtsTokenCount: tokens,
  totalTokenCount: tokens,
});
export type GoogleUsage = z.infer<typeof usage>;

const part = z.object({ text: z.string().nullish(), thought: z.boolean().nullish() });

const candidate = z.object({
  content: z.object({ parts: z.array(part).nullish() }).nullish(),
  finishReason: z.string().nullish(),
});

/** What is read of `generateContent`: a candidate, or why there is none. Usage that makes no sense counts as none. */
export const generation = z
  .object({
    candidates: z.array(candidate).nullish(),
    promptFeedback: z.object({ blockReason: z.string().nullish() }).nullish(),
    modelVersion: z.string().nullish(),
    usageMetadata: usage.nullish().catch(undefined),
  })
  .refine((answer) => answer.candidates?.length || answer.promptFeedback?.blockReason);

const detail = z.object({ '@type': z.string(), reason: z.string().nullish(), retryDelay: z.string().nullish() });

/** What is read of an error body, a `google.rpc.Status`. */
export const errorBody = z.object({
  error: z.object({
    message: z.string().nullish(),
    status: z.string().nullish(),
    details: z.array(detail).nullish().catch(undefined),
  }),
});
