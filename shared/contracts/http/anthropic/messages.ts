import { z } from '@hono/zod-openapi';
import { anthropicCacheControl, anthropicMessageParam, anthropicTextBlock } from './content-blocks.ts';
import { anthropicTool, anthropicToolChoice } from './tools.ts';

const display = z.enum(['summarized', 'omitted']).nullish();
const jsonFormat = z.object({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).nullish();

const thinking = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('enabled'), budget_tokens: z.int().min(1), display }),
    z.object({ type: z.literal('adaptive'), display }),
    z.object({ type: z.literal('between_tools') }),
    z.object({ type: z.literal('disabled') }),
  ])
  .openapi('AnthropicThinking');

/** What the model reads, and how it is to think and answer: all that counting its tokens needs. */
export const anthropicPrompt = {
  model: z.string().min(1).max(200).openapi({ description: 'A model, `provider/model`, or a routing policy.' }),
  messages: z.array(anthropicMessageParam).min(1).max(1000),
  system: z.union([z.string(), z.array(anthropicTextBlock)]).optional(),
  tools: z.array(anthropicTool).max(128).optional(),
  tool_choice: anthropicToolChoice.optional(),
  thinking: thinking.optional(),
  output_config: z
    .object({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(), format: jsonFormat })
    .optional(),
  output_format: jsonFormat.openapi({ description: 'The older form of `output_config.format`.' }),
  cache_control: anthropicCacheControl.nullish(),
} as const;

/**
 * The body of `POST /v1/messages`: what of Anthropic's own request a provider may get. A field that is not here is
 * ignored with a warning, such as `service_tier` or `mcp_servers`, which change a price or are a second thing to pay.
 * https://platform.claude.com/docs/en/api/messages/create
 */
export const anthropicMessagesRequest = z
  .object({
    ...anthropicPrompt,
    max_tokens: z.int().min(1).max(1_000_000),
    stream: z.boolean().optional(),
    stop_sequences: z.array(z.string().min(1)).optional(),
    temperature: z.number().min(0).max(1).optional(),
    top_p: z.number().min(0).max(1).optional(),
    top_k: z.int().min(0).optional(),
    metadata: z.object({ user_id: z.string().max(512).nullish() }).optional(),
    thread: z
      .looseObject({ type: z.string() })
      .nullish()
      .openapi({ description: 'Refused: conversations are not stored. Anthropic’s clients then send all of it.' }),
    diagnostics: z.object({ previous_message_id: z.string().nullish() }).nullish(),
  })
  .openapi('AnthropicMessagesRequest');
export type AnthropicMessagesRequest = z.infer<typeof anthropicMessagesRequest>;

const tokens = z.int().min(0);

/** A message of the model. What Anthropic itself answers passes through, fields that are not here included. */
export const anthropicMessage = z
  .looseObject({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    model: z.string(),
    content: z.array(z.looseObject({ type: z.string() })),
    stop_reason: z.string().nullable(),
    stop_sequence: z.string().nullable(),
    usage: z.looseObject({
      input_tokens: tokens,
      output_tokens: tokens,
      cache_read_input_tokens: tokens.nullish(),
      cache_creation_input_tokens: tokens.nullish(),
    }),
  })
  .openapi('AnthropicMessage');

/** One event of a streamed message. https://platform.claude.com/docs/en/build-with-claude/streaming */
export const anthropicStreamEvent = z
  .looseObject({ type: z.string() })
  .openapi('AnthropicStreamEvent', { description: 'One event of `text/event-stream`, named as its `type`.' });

/** Every error body of these endpoints. https://platform.claude.com/docs/en/api/errors */
export const anthropicError = z
  .object({
    type: z.literal('error'),
    error: z.object({
      type: z.string(),
      message: z.string(),
      details: z
        .object({ error_code: z.string(), unsupported: z.array(z.string()) })
        .optional()
        .openapi({ description: 'With `thread_unsupported_request`: what keeps the request from having a `thread`.' }),
    }),
    request_id: z.string().nullable(),
  })
  .openapi('AnthropicError');
export type AnthropicError = z.infer<typeof anthropicError>;
