import * as z from 'zod';

const tokens = z.number().int().nonnegative().nullish();
const modalities = z.array(z.object({ modality: z.string().nullish(), tokenCount: tokens })).nullish();

/** What is read of `usageMetadata`. Fields that are zero are left out. */
export const usage = z.object({
  promptTokenCount: tokens,
  promptTokensDetails: modalities,
  toolUsePromptTokenCount: tokens,
  cachedContentTokenCount: tokens,
  candidatesTokenCount: tokens,
  candidatesTokensDetails: modalities,
  thoughtsTokenCount: tokens,
  totalTokenCount: tokens,
});

const part = z.object({
  text: z.string().nullish(),
  thought: z.boolean().nullish(),
  thoughtSignature: z.string().nullish(),
  functionCall: z.object({ id: z.string().nullish(), name: z.string(), args: z.unknown().optional() }).nullish(),
});
export type GooglePart = z.infer<typeof part>;

const webPage = z.object({ uri: z.string(), title: z.string().nullish() });
const grounding = z.object({
  groundingChunks: z.array(z.object({ web: webPage.nullish() })).nullish(),
  webSearchQueries: z.array(z.string()).nullish(),
});
export type Grounding = z.infer<typeof grounding>;

const candidate = z.object({
  content: z.object({ parts: z.array(part).nullish() }).nullish(),
  finishReason: z.string().nullish(),
  groundingMetadata: grounding.nullish().catch(undefined),
});

/** What is read of a chunk of `streamGenerateContent`. `error` stands in place of the rest. */
export const chunk = z.object({
  candidates: z.array(candidate).nullish(),
  promptFeedback: z.object({ blockReason: z.string().nullish() }).nullish(),
  modelVersion: z.string().nullish(),
  usageMetadata: z.unknown().optional(),
  error: z.unknown().optional(),
});

/** What is read of `generateContent`: a candidate, or why there is none. */
export const generation = chunk.refine((answer) => answer.candidates?.length || answer.promptFeedback?.blockReason);

/** What is read of `countTokens`. */
export const tokenCount = z.object({ totalTokens: z.number().int().nonnegative() });

/** What is read of `batchEmbedContents`. */
export const embeddings = z.object({
  embeddings: z.array(z.object({ values: z.array(z.number()) })),
  usageMetadata: z.unknown().optional(),
});

const detail = z.object({ '@type': z.string(), reason: z.string().nullish(), retryDelay: z.string().nullish() });

/** What is read of an error body, a `google.rpc.Status`. */
export const errorBody = z.object({
  error: z.object({
    code: z.number().int().nullish(),
    message: z.string().nullish(),
    status: z.string().nullish(),
    details: z.array(detail).nullish().catch(undefined),
  }),
});
