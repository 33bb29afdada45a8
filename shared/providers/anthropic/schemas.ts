import * as z from 'zod';

const tokens = z.number().int().nonnegative().nullish();

/** Kept as it came, and read with `usage`. */
const rawUsage = z.record(z.string(), z.unknown()).nullish().catch(undefined);

/** What is read of `usage`. */
export const usage = z.object({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: tokens,
  output_tokens_details: z.object({ thinking_tokens: tokens }).nullish(),
  server_tool_use: z.object({ web_search_requests: tokens }).nullish(),
});

const searchResult = z.object({ url: z.string(), title: z.string().nullish(), page_age: z.string().nullish() });
export type SearchResult = z.infer<typeof searchResult>;

const knownBlock = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().nullish() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  z.object({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.unknown().optional() }),
  z.object({ type: z.literal('web_search_tool_result'), content: z.array(searchResult).catch([]) }),
]);
const KNOWN_TYPES: ReadonlySet<string> = new Set(knownBlock.options.map(({ shape }) => shape.type.value));

/** A block of a kind that is not passed on, such as a server's own tool call. */
const otherBlock = z
  .object({ type: z.string().refine((type) => !KNOWN_TYPES.has(type)) })
  .transform(() => ({ type: 'other' as const }));

const contentBlock = z.union([knownBlock, otherBlock]);
export type ContentBlock = z.infer<typeof contentBlock>;

/** What is read of the answer of `POST /messages`. */
export const message = z.object({
  model: z.string().nullish(),
  content: z.array(contentBlock),
  stop_reason: z.string().nullish(),
  usage: rawUsage,
});

export type Message = z.infer<typeof message>;

/** What is read of the answer of `POST /messages/count_tokens`. */
export const tokenCount = z.object({ input_tokens: z.number().int().nonnegative() });

/** What is read of the events of a stream. */
export const messageStart = z.object({ message: z.object({ model: z.string().nullish(), usage: rawUsage }) });
export const blockStart = z.object({ index: z.number(), content_block: contentBlock });
export const blockDelta = z.object({
  index: z.number(),
  delta: z.object({
    text: z.string().optional(),
    thinking: z.string().optional(),
    signature: z.string().optional(),
    partial_json: z.string().optional(),
  }),
});
export const blockStop = z.object({ index: z.number() });
export const messageDelta = z.object({ delta: z.object({ stop_reason: z.string().nullish() }), usage: rawUsage });

/** What is read of an error body, and of the `error` event of a stream. */
export const errorBody = z.object({
  error: z.object({
    message: z.string().nullish(),
    type: z.string().nullish(),
    details: z.object({ error_code: z.string().nullish() }).nullish().catch(undefined),
  }),
});
