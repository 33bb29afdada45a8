import { z } from '@hono/zod-openapi';

/**
 * The body of `POST /v1/embeddings` (https://platform.openai.com/docs/api-reference/embeddings/create). `null` is as if
 * a field were absent.
 */
export const openAiEmbeddingRequest = z
  .object({
    model: z.string().min(1).openapi({ description: 'A model, `provider/model`, or a routing policy.' }),
    input: z.union([z.string(), z.array(z.union([z.string(), z.number(), z.array(z.number())]))]).openapi({
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, maxItems: 512 },
      ],
      description: 'A text, or at most 512 texts. Tokens are refused.',
    }),
    encoding_format: z.enum(['float', 'base64']).nullish(),
    dimensions: z.int().min(1).max(10_000).nullish(),
    user: z.string().nullish(),
  })
  .openapi('OpenAiEmbeddingRequest');
export type OpenAiEmbeddingRequest = z.infer<typeof openAiEmbeddingRequest>;

/** One vector for each text, in their order. */
export const openAiEmbeddingList = z
  .looseObject({
    object: z.literal('list'),
    data: z.array(
      z.looseObject({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]).openapi({
          description: 'Numbers, or the base64 of little-endian 32-bit floats, as `encoding_format` asks.',
        }),
      }),
    ),
    model: z.string(),
    usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }).optional(),
  })
  .openapi('OpenAiEmbeddingList');
export type OpenAiEmbeddingList = z.infer<typeof openAiEmbeddingList>;
