import { z } from '@hono/zod-openapi';
import { openAiSampling, openAiUsage } from './chat-completions.ts';

const promptDescription = 'One text. Tokens, and several prompts, are refused.';

/**
 * The body of `POST /v1/completions` (https://platform.openai.com/docs/api-reference/completions/create), as far as it is
 * offered: no `suffix`, `echo`, `best_of` or `logprobs`. `null` is as if a field were absent.
 */
export const openAiCompletionRequest = z
  .object({
    model: z.string().min(1).openapi({ description: 'A model, `provider/model`, or a routing policy.' }),
    prompt: z.union([z.string(), z.array(z.union([z.string(), z.number(), z.array(z.number())]))]).openapi({
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, maxItems: 1 },
      ],
      description: promptDescription,
    }),
    ...openAiSampling,
  })
  .openapi('OpenAiCompletionRequest');
export type OpenAiCompletionRequest = z.infer<typeof openAiCompletionRequest>;

/** The answer to a completion, or one event of a streamed one, whose `finish_reason` is null until the last. */
export const openAiCompletion = z
  .looseObject({
    id: z.string(),
    object: z.literal('text_completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        text: z.string(),
        finish_reason: z.enum(['stop', 'length', 'content_filter']).nullable(),
        logprobs: z.unknown().optional(),
      }),
    ),
    usage: z.union([openAiUsage, z.null()]).optional(),
  })
  .openapi('OpenAiCompletion');
export type OpenAiCompletion = z.infer<typeof openAiCompletion>;
