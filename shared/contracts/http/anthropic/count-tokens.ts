import { z } from '@hono/zod-openapi';
import { anthropicPrompt } from './messages.ts';

/** The body of `POST /v1/messages/count_tokens`. https://platform.claude.com/docs/en/api/messages/count_tokens */
export const anthropicCountTokensRequest = z.object(anthropicPrompt).openapi('AnthropicCountTokensRequest');
export type AnthropicCountTokensRequest = z.infer<typeof anthropicCountTokensRequest>;

export const anthropicTokenCount = z
  .object({ input_tokens: z.int().min(0) })
  .openapi('AnthropicTokenCount', { description: 'Counted by the provider where it can, and estimated elsewhere.' });
