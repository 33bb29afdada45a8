import type {
  ChatCompletionFunctionTool,
  ChatCompletionNamedToolChoice,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions';
import type { CompletionCreateParamsNonStreaming } from 'openai/resources/completions';
import type { ResponseFormatJSONObject, ResponseFormatJSONSchema, ResponseFormatText } from 'openai/resources/shared';
import type {
  ChatRequest,
  CompletionRequest,
  EmbeddingRequest,
  ResponseFormat,
  Tool,
  ToolChoice,
} from '../contract.ts';
import { mergeProviderOptions } from '../convert/merge-provider-options.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { warnUnsupported } from '../convert/warn-unsupported.ts';
import { DEFAULT_SCHEMA_NAME, RESERVED_OPTIONS } from './constants.ts';
import { convertMessages } from './convert-messages.ts';
import type { ChatBody, EmbeddingsShape, OpenaiVendor } from './vendor.ts';

/** A body to send, and what of the request is not in it. */
export interface ConvertedRequest {
  readonly body: object;
  readonly warnings: readonly string[];
}

/**
 * The body of `POST /chat/completions`, without the fields that ask for a stream. `begun` is the beginning of the answer,
 * for a vendor that has `takesPrefix`.
 */
export function convertRequest(
  vendor: OpenaiVendor,
  asked: ChatRequest,
  model: string,
  begun?: string,
): ConvertedRequest {
  const adapted = vendor.adaptRequest?.(asked, model) ?? { request: asked, warnings: [] };
  const request = without(adapted.request, vendor);
  const { messages, warnings } = convertMessages(request.messages, vendor);
  const body: ChatBody = {
    model,
    messages: begun === undefined ? messages : [...messages, { role: 'assistant', content: begun, prefix: true }],
    [vendor.outputLimitField]: request.maxOutputTokens,
    ...omitUndefined({
      temperature: request.temperature,
      top_p: request.topP,
      frequency_penalty: request.frequencyPenalty,
      presence_penalty: request.presencePenalty,
      stop: request.stop?.slice(),
      seed: request.seed,
      reasoning_effort: request.reasoningEffort,
      tools: request.tools?.map(convertTool),
      tool_choice: request.toolChoice && convertToolChoice(request.toolChoice),
      parallel_tool_calls: request.parallelToolCalls,
      response_format: request.responseFormat && convertFormat(request.responseFormat, vendor),
    }),
  };
  const own = vendor.adaptBody?.(body, request) ?? body;
  const kept = [...RESERVED_OPTIONS, ...(vendor.reservedOptions ?? [])];
  const merged = mergeProviderOptions(own, vendor.provider, request, kept);
  return {
    body: merged.body,
    warnings: [
      ...adapted.warnings,
      ...warnUnsupported(adapted.request, vendor.unsupported),
      ...warnings,
      ...merged.warnings,
    ],
  };
}

function without(request: ChatRequest, { unsupported }: OpenaiVendor): ChatRequest {
  const supported: { -readonly [Option in keyof ChatRequest]: ChatRequest[Option] } = { ...request };
  for (const option of unsupported) delete supported[option];
  return supported;
}

function convertTool({ name, description, parameters, strict }: Tool): ChatCompletionFunctionTool {
  return { type: 'function', function: { name, parameters, ...omitUndefined({ description, strict }) } };
}

function convertToolChoice(choice: ToolChoice): ChatCompletionToolChoiceOption {
  if (typeof choice === 'string') return choice;
  return { type: 'function', function: { name: choice.name } } satisfies ChatCompletionNamedToolChoice;
}

function convertFormat(
  format: ResponseFormat,
  vendor: OpenaiVendor,
): ResponseFormatText | ResponseFormatJSONObject | ResponseFormatJSONSchema {
  if (format.type === 'text') return { type: 'text' };
  const { name = DEFAULT_SCHEMA_NAME, description, schema } = format;
  if (!schema) return { type: 'json_object' };
  const strict = format.strict ?? (vendor.allowsStrict?.(schema) || undefined);
  return { type: 'json_schema', json_schema: { name, schema, ...omitUndefined({ description, strict }) } };
}

/** The body of `POST /completions`. */
export function convertCompletion(request: CompletionRequest, model: string): CompletionCreateParamsNonStreaming {
  const { prompt, maxOutputTokens, temperature, topP, stop, seed } = request;
  return {
    model,
    prompt,
    max_tokens: maxOutputTokens,
    ...omitUndefined({ temperature, top_p: topP, stop: stop?.slice(), seed }),
  };
}

/** The body of `POST /embeddings`. */
export function convertEmbedding(shape: EmbeddingsShape, request: EmbeddingRequest, model: string): object {
  const { dimensionsField = 'dimensions', encodingFormat = 'float' } = shape;
  return {
    model,
    input: request.inputs,
    encoding_format: encodingFormat,
    ...omitUndefined({ [dimensionsField]: request.dimensions }),
  };
}
