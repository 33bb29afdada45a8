import { z } from '@hono/zod-openapi';

/** https://platform.claude.com/docs/en/api/models/list, as far as it is known of every provider's models. */
export const anthropicModel = z
  .object({
    id: z.string().openapi({ description: 'What a request may name: a model, `provider/model`, or a routing policy.' }),
    type: z.literal('model'),
    display_name: z.string(),
    created_at: z.iso.datetime().openapi({ description: 'The epoch: not known.' }),
    max_input_tokens: z.int().nullable(),
    max_tokens: z.int().nullable(),
  })
  .openapi('AnthropicModel');
export type AnthropicModel = z.infer<typeof anthropicModel>;

export const anthropicModelList = z
  .object({
    data: z.array(anthropicModel),
    has_more: z.boolean(),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  })
  .openapi('AnthropicModelList');

/** Which page of models. The cursors are models' ids. */
export const anthropicModelQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).optional(),
  after_id: z.string().min(1).optional(),
  before_id: z.string().min(1).optional(),
});
