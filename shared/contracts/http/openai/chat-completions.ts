import { z } from '@hono/zod-openapi';
import { openAiChatMessage, openAiFunctionCall, otherThan } from './chat-messages.ts';

const functionName = z.string().regex(/^[\w-]{1,64}$/);
const jsonSchema = z.record(z.string(), z.unknown());

const functionTool = z
  .object({
    type: z.literal('function'),
    function: z.object({
      name: functionName,
      description: z.string().nullish(),
      parameters: jsonSchema.nullish(),
      strict: z.boolean().nullish(),
    }),
  })
  .openapi('OpenAiFunctionTool');

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.object({ type: z.literal('function'), function: z.object({ name: functionName }) }),
  z.object({
    type: z.literal('allowed_tools'),
    allowed_tools: z.object({ mode: z.enum(['auto', 'required']), tools: z.array(jsonSchema) }),
  }),
  otherThan('function', 'allowed_tools'),
]);

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({
      name: functionName,
      description: z.string().nullish(),
      schema: jsonSchema.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const outputLimit = z.int().min(1).max(1_000_000).nullish();

/** What of a stream is asked for beside the answer. */
export const openAiStreamOptions = z.object({
  include_usage: z.boolean().nullish(),
  include_obfuscation: z.boolean().nullish(),
});

/** The options of an answer that chats and completions share. `null` is as if it were absent. */
export const openAiSampling = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.int().nullish(),
  n: z
    .union([z.literal(1), z.null()], { error: 'must be 1: several answers to one request are not offered' })
    .optional(),
  max_tokens: outputLimit,
  stream: z.boolean().nullish(),
  stream_options: openAiStreamOptions.nullish(),
};

/**
 * The body of `POST /v1/chat/completions` (https://platform.openai.com/docs/api-reference/chat/create), as far as it is
 * offered: all but what takes the cost of a request out of its bound (`service_tier`, `prediction`, answers in audio,
 * searches), `moderation`, and the functions of before tools. `null` is as if a field were absent.
 */
export const openAiChatRequest = z
  .object({
    model: z.string().min(1).openapi({ description: 'A model, `provider/model`, or a routing policy.' }),
    messages: z.array(openAiChatMessage).min(1).max(1000).openapi({
      description: 'They must say something. A `tool` message comes behind the call that it answers.',
    }),
    ...openAiSampling,
    max_completion_tokens: outputLimit.openapi({
      description: 'The most tokens that the answer may have, reasoning included; enforced. Default 4096.',
    }),
    frequency_penalty: z.number().min(-2).max(2).nullish(),
    presence_penalty: z.number().min(-2).max(2).nullish(),
    tools: z
      .array(z.union([functionTool, otherThan('function')]))
      .max(128)
      .nullish(),
    tool_choice: toolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    response_format: responseFormat.nullish(),
    reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
    verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().nullish(),
    logit_bias: z.record(z.string(), z.number()).nullish(),
    user: z.string().nullish(),
    safety_identifier: z.string().nullish(),
    prompt_cache_key: z.string().nullish(),
    prompt_cache_retention: z.enum(['in_memory', '24h']).nullish(),
    prompt_cache_options: z
      .object({ mode: z.enum(['implicit', 'explicit']).optional(), ttl: z.literal('30m').optional() })
      .nullish(),
    metadata: z.record(z.string(), z.string()).nullish(),
    store: z.boolean().nullish(),
  })
  .openapi('OpenAiChatRequest');
export type OpenAiChatRequest = z.infer<typeof openAiChatRequest>;

const count = z.int();

/** What a request used, by the provider's count. */
export const openAiUsage = z
  .looseObject({
    prompt_tokens: count,
    completion_tokens: count,
    total_tokens: count,
    prompt_tokens_details: z
      .looseObject({
        cached_tokens: count.optional(),
        cache_write_tokens: count.optional(),
        audio_tokens: count.optional(),
      })
      .optional(),
    completion_tokens_details: z
      .looseObject({ reasoning_tokens: count.optional(), audio_tokens: count.optional() })
      .optional(),
  })
  .openapi('OpenAiUsage');
export type OpenAiUsage = z.infer<typeof openAiUsage>;

const annotation = z.looseObject({
  type: z.literal('url_citation'),
  url_citation: z.looseObject({ url: z.string(), title: z.string(), start_index: z.int(), end_index: z.int() }),
});

const reasoningExtension = {
  reasoning_content: z.string().optional().openapi({ description: 'What the model thought. Not of OpenAI’s API.' }),
  reasoning_details: z
    .array(
      z.looseObject({
        type: z.literal('reasoning.text'),
        text: z.string(),
        signature: z.string().optional(),
        index: z.int().optional(),
      }),
    )
    .optional()
    .openapi({
      description: 'The same with the provider’s proof. Hand it back untouched with the message. Not of OpenAI’s API.',
    }),
};

const finishReason = z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call']);

/** The answer to a chat. One of OpenAI itself, or of a server that speaks its API, has what that server adds. */
export const openAiChatCompletion = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          refusal: z.string().nullish(),
          tool_calls: z.array(openAiFunctionCall.loose()).optional(),
          annotations: z.array(annotation).optional(),
          ...reasoningExtension,
        }),
        finish_reason: finishReason,
        logprobs: z.unknown().optional(),
      }),
    ),
    usage: openAiUsage.optional(),
  })
  .openapi('OpenAiChatCompletion');
export type OpenAiChatCompletion = z.infer<typeof openAiChatCompletion>;

/** One event of a streamed answer; the last is the text `[DONE]`. Usage comes with the last chunk, which has no choice. */
export const openAiChatCompletionChunk = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion.chunk'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        delta: z.looseObject({
          role: z.literal('assistant').optional(),
          content: z.string().nullish(),
          refusal: z.string().nullish(),
          tool_calls: z
            .array(
              z.looseObject({
                index: z.int(),
                id: z.string().optional(),
                type: z.literal('function').optional(),
                function: z.looseObject({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
              }),
            )
            .optional(),
          annotations: z.array(annotation).optional(),
          ...reasoningExtension,
        }),
        finish_reason: finishReason.nullable(),
        logprobs: z.unknown().optional(),
      }),
    ),
    usage: z.union([openAiUsage, z.null()]).optional(),
  })
  .openapi('OpenAiChatCompletionChunk');
export type OpenAiChatCompletionChunk = z.infer<typeof openAiChatCompletionChunk>;
