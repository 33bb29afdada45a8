import { z } from '@hono/zod-openapi';
import { offeredOrNot } from './offered.ts';

/** A cache write that lasts an hour costs more than one of five minutes, which is what prices are for. */
export const anthropicCacheControl = z
  .object({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() })
  .transform(({ type, ttl }) => (ttl === '5m' ? { type, ttl } : { type }))
  .openapi('AnthropicCacheControl', { description: 'Lasts five minutes: a `ttl` of `1h` is ignored.' });

const cached = { cache_control: anthropicCacheControl.nullish() };
const citations = z.object({ enabled: z.boolean().optional() }).nullish();
const httpsUrl = z.url({ protocol: /^https$/ }).openapi({ description: 'Fetched by the provider, not by us.' });
const urlSource = z.object({ type: z.literal('url'), url: httpsUrl });

/** Text of a system prompt, a user or a tool. */
export const anthropicTextBlock = z.object({ type: z.literal('text'), text: z.string(), ...cached });

const imageBlock = z.object({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.object({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: z.base64().min(1),
    }),
    urlSource,
  ]),
  transformations: z.object({ oversized_image: z.enum(['downsize', 'error']).optional() }).nullish(),
  ...cached,
});
export type AnthropicImageBlock = z.infer<typeof imageBlock>;

const documentBlock = z.object({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: z.base64().min(1) }),
    z.object({ type: z.literal('text'), media_type: z.literal('text/plain'), data: z.string() }),
    z.object({
      type: z.literal('content'),
      content: z.union([z.string(), z.array(z.discriminatedUnion('type', [anthropicTextBlock, imageBlock]))]),
    }),
    urlSource,
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  citations,
  ...cached,
});
export type AnthropicDocumentBlock = z.infer<typeof documentBlock>;

const searchResultBlock = z.object({
  type: z.literal('search_result'),
  source: z.string(),
  title: z.string(),
  content: z.array(anthropicTextBlock),
  citations,
  ...cached,
});
export type AnthropicSearchResultBlock = z.infer<typeof searchResultBlock>;

/** What the browser that `browser_toolset` drives has open. */
const browserStateBlock = z.looseObject({ type: z.literal('browser_state') });

const resultBlock = z.discriminatedUnion('type', [
  anthropicTextBlock,
  imageBlock,
  documentBlock,
  searchResultBlock,
  browserStateBlock,
]);
export type AnthropicResultBlock = z.infer<typeof resultBlock>;

const toolResultBlock = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string().min(1),
  content: z.union([z.string(), z.array(offeredOrNot(resultBlock, typesOf(resultBlock.options)))]).optional(),
  is_error: z.boolean().optional(),
  toolset_name: z.string().nullish(),
  ...cached,
});
export type AnthropicToolResultBlock = z.infer<typeof toolResultBlock>;

const userBlock = z.discriminatedUnion('type', [
  anthropicTextBlock,
  imageBlock,
  documentBlock,
  searchResultBlock,
  toolResultBlock,
]);
export type AnthropicUserBlock = z.infer<typeof userBlock>;

const assistantBlock = z.discriminatedUnion('type', [
  anthropicTextBlock.extend({ citations: z.array(z.looseObject({ type: z.string() })).nullish() }),
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().optional() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  z.object({
    type: z.literal('tool_use'),
    id: z.string().min(1),
    name: z.string().min(1),
    input: z.unknown(),
    caller: z.looseObject({ type: z.string() }).optional(),
    toolset_name: z.string().nullish(),
    ...cached,
  }),
]);
export type AnthropicAssistantBlock = z.infer<typeof assistantBlock>;

/** Types of the blocks that are offered, by where they stand. */
export const ANTHROPIC_BLOCK_TYPES = {
  user: typesOf(userBlock.options),
  assistant: typesOf(assistantBlock.options),
  result: typesOf(resultBlock.options),
} as const;

/** A turn of the conversation. Blocks of other types, such as those of a server's own tools, are left out. */
export const anthropicMessageParam = z
  .discriminatedUnion('role', [
    z.object({
      role: z.literal('user'),
      content: z.union([z.string().min(1), z.array(offeredOrNot(userBlock, ANTHROPIC_BLOCK_TYPES.user)).min(1)]),
    }),
    z.object({
      role: z.literal('assistant'),
      content: z.union([z.string(), z.array(offeredOrNot(assistantBlock, ANTHROPIC_BLOCK_TYPES.assistant))]),
    }),
    z.object({
      role: z.literal('system'),
      content: z.union([z.string().min(1), z.array(anthropicTextBlock).min(1)]),
    }),
  ])
  .openapi('AnthropicMessageParam');
export type AnthropicMessageParam = z.infer<typeof anthropicMessageParam>;

function typesOf(options: readonly { readonly shape: { readonly type: z.ZodLiteral<string> } }[]): readonly string[] {
  return options.map(({ shape }) => shape.type.value);
}
