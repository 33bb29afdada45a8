import { z } from '@hono/zod-openapi';

/** The end of a prefix to cache. How long it is kept is the request's to say: `prompt_cache_options`. */
const promptCacheBreakpoint = z.object({ mode: z.literal('explicit') }).optional();

const textPart = z.object({
  type: z.literal('text'),
  text: z.string(),
  prompt_cache_breakpoint: promptCacheBreakpoint,
});

const imagePart = z.object({
  type: z.literal('image_url'),
  image_url: z.object({
    url: z.string().min(1).openapi({ description: 'An `https:` URL, or a `data:` URL in base64.' }),
    detail: z.enum(['auto', 'low', 'high', 'original']).optional(),
  }),
  prompt_cache_breakpoint: promptCacheBreakpoint,
});

const audioPart = z.object({
  type: z.literal('input_audio'),
  input_audio: z.object({ data: z.string().min(1), format: z.enum(['wav', 'mp3']) }),
  prompt_cache_breakpoint: promptCacheBreakpoint,
});

const filePart = z.object({
  type: z.literal('file'),
  file: z.object({
    file_data: z
      .string()
      .min(1)
      .optional()
      .openapi({ description: 'A `data:` URL in base64, or the base64 of a PDF.' }),
    file_id: z.string().min(1).optional().openapi({ description: 'Only OpenAI itself knows its files.' }),
    filename: z.string().min(1).optional(),
  }),
  prompt_cache_breakpoint: promptCacheBreakpoint,
});

const refusalPart = z.object({ type: z.literal('refusal'), refusal: z.string() });

/** Says which types there are, where the client's is none of them. */
const oneOf = (types: string) => ({
  error: ({ code }: { readonly code?: string }) => (code === 'invalid_union' ? `must be one of ${types}` : undefined),
});

const userPart = z
  .discriminatedUnion('type', [textPart, imagePart, audioPart, filePart], oneOf('text, image_url, input_audio, file'))
  .openapi('OpenAiUserContentPart');

const assistantPart = z.discriminatedUnion('type', [textPart, refusalPart], oneOf('text, refusal'));

const texts = z.union([z.string(), z.array(textPart).min(1)]);

/**
 * A list item of a type that is not offered. It fails nothing, whatever it holds. What makes it no such item is said of
 * the item as a whole, so that a malformed item of an offered type is told what that type lacks.
 */
export function otherThan(...offered: readonly string[]) {
  return z
    .looseObject({ type: z.string().openapi({ not: { enum: [...offered] } }) })
    .refine(({ type }) => !offered.includes(type), { error: 'malformed', abort: true })
    .openapi({ description: 'Not offered: left out, with a warning.' });
}

/** A call of a function. `arguments` is JSON as the model wrote it. */
export const openAiFunctionCall = z
  .object({
    id: z.string().min(1),
    type: z.literal('function'),
    function: z.object({ name: z.string().min(1), arguments: z.string() }),
  })
  .openapi('OpenAiFunctionCall');

const reasoningDetail = z.object({
  type: z.literal('reasoning.text'),
  text: z.string().nullish(),
  signature: z.string().nullish(),
  index: z.int().nullish(),
});

const name = z.string().optional();

/**
 * A message of a chat (https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages). What a model
 * thought, and its proof, are handed back as the answer had them: an extension that OpenAI itself does not know.
 */
export const openAiChatMessage = z
  .discriminatedUnion(
    'role',
    [
      z.object({ role: z.literal('developer'), content: texts, name }),
      z.object({ role: z.literal('system'), content: texts, name }),
      z.object({ role: z.literal('user'), content: z.union([z.string(), z.array(userPart).min(1)]), name }),
      z.object({
        role: z.literal('assistant'),
        content: z.union([z.string(), z.array(assistantPart)]).nullish(),
        refusal: z.string().nullish(),
        name,
        tool_calls: z.array(z.union([openAiFunctionCall, otherThan('function')])).nullish(),
        annotations: z.array(z.unknown()).nullish().openapi({ description: 'Of an answer handed back: passed over.' }),
        reasoning_content: z.string().nullish(),
        reasoning_details: z.array(z.union([reasoningDetail, otherThan('reasoning.text')])).nullish(),
      }),
      z.object({ role: z.literal('tool'), content: texts, tool_call_id: z.string().min(1) }),
    ],
    oneOf('developer, system, user, assistant, tool'),
  )
  .openapi('OpenAiChatMessage');
export type OpenAiChatMessage = z.infer<typeof openAiChatMessage>;
