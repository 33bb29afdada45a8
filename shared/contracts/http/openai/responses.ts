import { z } from '@hono/zod-openapi';
import { openAiOtherThan, openAiResponsesItem } from './response-items.ts';

const MAX_ITEMS = 1000;
const MAX_TOOLS = 128;

const functionName = z.string().regex(/^[\w-]{1,64}$/);
const jsonSchema = z.record(z.string(), z.unknown()).openapi({ description: 'A JSON Schema.' });

const tool = z
  .union([
    z.object({
      type: z.literal('function'),
      name: functionName,
      description: z.string().nullish(),
      parameters: jsonSchema.nullish(),
      strict: z.boolean().nullish(),
    }),
    openAiOtherThan(['function'], 'A tool that OpenAI runs itself, or a custom one: left out.'),
  ])
  .openapi('OpenAiResponsesTool');
export type OpenAiResponsesTool = z.infer<typeof tool>;

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.object({ type: z.literal('function'), name: functionName }),
  z.object({
    type: z.literal('allowed_tools'),
    mode: z.enum(['auto', 'required']),
    tools: z.array(z.record(z.string(), z.unknown())).max(MAX_TOOLS),
  }),
  openAiOtherThan(['function', 'allowed_tools'], 'A choice of a tool that is left out.'),
]);

const textFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: functionName,
    schema: jsonSchema,
    description: z.string().nullish(),
    strict: z.boolean().nullish(),
  }),
]);

const summaryKind = z.enum(['auto', 'concise', 'detailed']).nullish();

/**
 * The body of `POST /v1/responses`: the fields that are read; all others are left out.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export const openAiResponsesRequest = z
  .object({
    model: z.string().min(1).max(200).openapi({ description: 'A model, `provider/model`, or a routing policy.' }),
    input: z
      .union([z.string(), z.array(openAiResponsesItem).max(MAX_ITEMS)])
      .optional()
      .openapi({ description: 'Required, and must say something. The output of a function comes behind its call.' }),
    instructions: z.string().nullish(),
    max_output_tokens: z.int().min(1).max(1_000_000).nullish().openapi({ description: 'Default 4096.' }),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_obfuscation: z.boolean().optional() }).nullish(),
    tools: z.array(tool).max(MAX_TOOLS).nullish(),
    tool_choice: toolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z.object({ format: textFormat.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish() }).nullish(),
    reasoning: z
      .object({
        effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
        summary: summaryKind,
        generate_summary: summaryKind,
      })
      .nullish(),
    metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
    store: z.boolean().nullish().openapi({ description: 'Responses are never stored.' }),
    include: z.array(z.string()).nullish(),
    user: z.string().nullish(),
    safety_identifier: z.string().nullish(),
    prompt_cache_key: z.string().nullish(),
    truncation: z.enum(['auto', 'disabled']).nullish(),
    previous_response_id: z.string().nullish().openapi({ description: 'Refused with `not_supported`.' }),
    conversation: z.unknown().optional().openapi({ description: 'Refused with `not_supported`.' }),
    prompt: z.unknown().optional().openapi({ description: 'Refused with `not_supported`.' }),
    background: z.boolean().nullish().openapi({ description: '`true` is refused with `not_supported`.' }),
  })
  .openapi('OpenAiResponsesRequest');
export type OpenAiResponsesRequest = z.infer<typeof openAiResponsesRequest>;

const outputItem = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('reasoning'),
    id: z.string(),
    summary: z.array(z.looseObject({ type: z.literal('summary_text'), text: z.string() })),
    encrypted_content: z.string().optional().openapi({
      description: 'The provider’s proof of the thought, there without being asked for. Hand the item back untouched.',
    }),
  }),
  z.looseObject({
    type: z.literal('message'),
    id: z.string(),
    role: z.literal('assistant'),
    status: z.enum(['in_progress', 'completed', 'incomplete']),
    content: z.array(
      z.looseObject({
        type: z.literal('output_text'),
        text: z.string(),
        annotations: z.array(
          z.looseObject({
            type: z.literal('url_citation'),
            url: z.string(),
            title: z.string(),
            start_index: z.int().openapi({ description: 'Always 0, as `end_index`: no stretch of the text is cited.' }),
            end_index: z.int(),
          }),
        ),
      }),
    ),
  }),
  z.looseObject({
    type: z.literal('function_call'),
    id: z.string(),
    call_id: z.string().openapi({ description: 'Can carry the provider’s proof of the call: hand it back as it is.' }),
    name: z.string(),
    arguments: z.string(),
    status: z.enum(['in_progress', 'completed', 'incomplete']),
  }),
]);

/** An answer as OpenAI's API has it. It repeats the request's settings too. */
export const openAiResponse = z
  .looseObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int().openapi({ description: 'Epoch seconds.' }),
    status: z.enum(['completed', 'incomplete', 'failed', 'in_progress']),
    model: z.string(),
    output: z.array(outputItem),
    error: z.union([z.looseObject({ code: z.string(), message: z.string() }), z.null()]),
    incomplete_details: z.union([z.looseObject({ reason: z.enum(['max_output_tokens', 'content_filter']) }), z.null()]),
    store: z.literal(false),
    usage: z
      .looseObject({
        input_tokens: z.int(),
        input_tokens_details: z.looseObject({ cached_tokens: z.int(), cache_write_tokens: z.int() }),
        output_tokens: z.int(),
        output_tokens_details: z.looseObject({ reasoning_tokens: z.int() }),
        total_tokens: z.int(),
      })
      .optional()
      .openapi({ description: 'Absent where the provider did not report any.' }),
  })
  .openapi('OpenAiResponse');
export type OpenAiResponse = z.infer<typeof openAiResponse>;

/** One event of a streamed answer, of the type that its `event` line has. The last one has the whole answer. */
export const openAiResponseEvent = z
  .looseObject({
    type: z.enum([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.annotation.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
      'response.incomplete',
      'response.failed',
      'error',
    ]),
    sequence_number: z.int(),
  })
  .openapi('OpenAiResponseEvent');
export type OpenAiResponseEvent = z.infer<typeof openAiResponseEvent>;
