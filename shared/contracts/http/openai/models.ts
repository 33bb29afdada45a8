import { z } from '@hono/zod-openapi';

/** https://platform.openai.com/docs/api-reference/models/object */
export const openAiModel = z
  .object({
    id: z.string().openapi({ description: 'What a request may name: a model, `provider/model`, or a routing policy.' }),
    object: z.literal('model'),
    created: z.int().openapi({ description: '0: not known.' }),
    owned_by: z.string().openapi({ description: 'The provider; `routing-policy` for a policy of yours.' }),
    context_length: z.int().nullable().openapi({ description: 'Tokens that fit in; null where not known.' }),
  })
  .openapi('OpenAiModel');
export type OpenAiModel = z.infer<typeof openAiModel>;

/** https://platform.openai.com/docs/api-reference/models/list */
export const openAiModelList = z
  .object({ object: z.literal('list'), data: z.array(openAiModel) })
  .openapi('OpenAiModelList');
