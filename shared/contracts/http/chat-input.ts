import { z } from '@hono/zod-openapi';
import { providerName } from '../names.ts';

const maxOutputTokens = z.int().min(1).max(1_000_000).optional().openapi({
  description: 'The most tokens that the answer may have, reasoning included; enforced. Default 4096.',
});
const temperature = z.number().min(0).max(2).optional();
const topP = z.number().min(0).max(1).optional();
const stop = z.array(z.string().min(1)).max(4).optional();
const seed = z.int().optional();
const toolName = z.string().regex(/^[\w-]{1,64}$/);
const jsonSchema = z.record(z.string(), z.unknown()).openapi({ description: 'A JSON Schema (2020-12).' });

const mediaSource = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('base64'), mediaType: z.string().min(1), data: z.base64().min(1) }),
    z.strictObject({
      kind: z.literal('url'),
      url: z.url({ protocol: /^https$/ }).openapi({ description: 'Fetched by the provider, not by us.' }),
      mediaType: z.string().min(1).optional(),
    }),
  ])
  .openapi('MediaSource');

const textPart = z.strictObject({ type: z.literal('text'), text: z.string().min(1) });
const imagePart = z.strictObject({
  type: z.literal('image'),
  source: mediaSource,
  detail: z.enum(['auto', 'low', 'high']).optional(),
});
const filePart = z.strictObject({
  type: z.literal('file'),
  source: mediaSource,
  filename: z.string().min(1).max(255).optional(),
});

/** What a model thought; `signature` is handed back untouched for the provider to verify. */
export const reasoningPart = z.strictObject({
  type: z.literal('reasoning'),
  text: z.string(),
  signature: z.string().optional(),
});

export const toolCall = z
  .strictObject({
    id: z.string().min(1),
    name: z.string().min(1),
    arguments: z.string().openapi({ description: 'JSON as the model wrote it; it can be malformed.' }),
    signature: z.string().optional(),
  })
  .openapi('ToolCall');

const chatMessage = z
  .discriminatedUnion('role', [
    z.strictObject({ role: z.literal('system'), content: z.string().min(1) }),
    z.strictObject({
      role: z.literal('user'),
      content: z.union([
        z.string().min(1),
        z.array(z.discriminatedUnion('type', [textPart, imagePart, filePart])).min(1),
      ]),
    }),
    z.strictObject({
      role: z.literal('assistant'),
      content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, reasoningPart])).min(1)]),
      toolCalls: z.array(toolCall).min(1).optional(),
    }),
    z.strictObject({
      role: z.literal('tool'),
      toolCallId: z.string().min(1),
      toolName,
      content: z.union([z.string(), z.array(z.discriminatedUnion('type', [textPart, imagePart, filePart])).min(1)]),
      isError: z.boolean().optional(),
    }),
  ])
  .openapi('ChatMessage');

/** A chat: messages, tools, and how to answer. */
export const chatInput = z
  .strictObject({
    messages: z.array(chatMessage).min(1).max(1000),
    maxOutputTokens,
    temperature,
    topP,
    topK: z.int().min(1).optional(),
    frequencyPenalty: z.number().min(-2).max(2).optional(),
    presencePenalty: z.number().min(-2).max(2).optional(),
    stop,
    seed,
    reasoningEffort: z.enum(['none', 'low', 'medium', 'high']).optional(),
    tools: z
      .array(
        z.strictObject({
          name: toolName,
          description: z.string().optional(),
          parameters: jsonSchema,
          strict: z.boolean().optional(),
        }),
      )
      .min(1)
      .max(128)
      .optional(),
    toolChoice: z.union([z.enum(['auto', 'none', 'required']), z.strictObject({ name: toolName })]).optional(),
    parallelToolCalls: z.boolean().optional(),
    responseFormat: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('text') }),
        z.strictObject({
          type: z.literal('json'),
          schema: jsonSchema.optional(),
          name: toolName.optional(),
          description: z.string().optional(),
          strict: z.boolean().optional().openapi({
            description:
              'Whether the schema is enforced, or a hint. Default: enforced where the provider can. Some providers always do.',
          }),
        }),
      ])
      .optional(),
    providerOptions: z
      .partialRecord(providerName, z.record(z.string(), z.unknown()))
      .optional()
      .openapi({ description: 'By provider: passed through as it is. What we decide ourselves cannot be overridden.' }),
  })
  .openapi('ChatInput');
export type ChatInput = z.infer<typeof chatInput>;

/** A legacy text completion. */
export const completionInput = z
  .strictObject({ prompt: z.string().min(1), maxOutputTokens, temperature, topP, stop, seed })
  .openapi('CompletionInput');
export type CompletionInput = z.infer<typeof completionInput>;

/** Texts to embed, answered in their order. */
export const embeddingInput = z
  .strictObject({
    texts: z.array(z.string().min(1)).min(1).max(512),
    dimensions: z.int().min(1).max(10_000).optional(),
  })
  .openapi('EmbeddingInput');
export type EmbeddingInput = z.infer<typeof embeddingInput>;
