import { z } from '@hono/zod-openapi';

/** An error as OpenAI's API has it (https://platform.openai.com/docs/guides/error-codes). */
export const openAiError = z
  .looseObject({
    error: z.looseObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable().openapi({ description: 'The first wrong field, such as `messages[0].content`.' }),
      code: z.string().nullable().openapi({ description: 'OpenAI’s own word where it has one, else ours.' }),
    }),
  })
  .openapi('OpenAiError');
export type OpenAiError = z.infer<typeof openAiError>;
