import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { OpenAiResponsesRequest } from '../../../../shared/contracts/http/openai/responses.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';
import { DEFAULT_MAX_OUTPUT_TOKENS } from '../../constants.ts';
import type { ReadRequest } from '../dialect.ts';
import { NEAREST_EFFORT } from '../openai-effort.ts';
import { type Echo, readEcho } from './echo.ts';
import { readInput } from './read-input.ts';
import { readTools } from './read-tools.ts';
import { needsStore } from './refusals.ts';

/** A request of the Responses API, read. It has no `native`: no provider is spoken to in this API. */
export interface ResponsesRequest extends ReadRequest<ChatInput> {
  readonly stream: boolean;
  readonly echo: Echo;
}

/** Given whether or not it is asked for. */
const ALWAYS_INCLUDED = 'reasoning.encrypted_content';

/**
 * Reads the body of `POST /v1/responses` (https://platform.openai.com/docs/api-reference/responses/create). Refuses what
 * needs stored responses (`not_supported`), and an input that does not hold together (`bad_request`).
 */
export function readRequest(body: OpenAiResponsesRequest): Result<ResponsesRequest, DomainError> {
  const stored = storedThing(body);
  if (stored !== undefined) return err(needsStore(stored));
  const warnings = new Set(settingWarnings(body));
  const messages = readInput(body, warnings);
  if (!messages.ok) return messages;
  const tools = readTools(body, warnings);
  return ok({
    model: body.model,
    input: { messages: messages.value, ...readSettings(body), ...tools.input },
    unsaid: [],
    warnings: [...warnings],
    stream: body.stream ?? false,
    echo: readEcho(body, tools),
  });
}

function storedThing(body: OpenAiResponsesRequest): string | undefined {
  if (body.previous_response_id != null) return '/previous_response_id';
  if (body.conversation != null) return '/conversation';
  if (body.prompt != null) return '/prompt';
  return body.background ? '/background' : undefined;
}

function readSettings(body: OpenAiResponsesRequest): Omit<ChatInput, 'messages'> {
  const { max_output_tokens: maxOutputTokens, temperature, top_p: topP, reasoning, text } = body;
  const responseFormat = readFormat(text?.format);
  return {
    ...(maxOutputTokens != null && { maxOutputTokens }),
    ...(temperature != null && { temperature }),
    ...(topP != null && { topP }),
    ...(reasoning?.effort && { reasoningEffort: NEAREST_EFFORT[reasoning.effort] }),
    ...(responseFormat && { responseFormat }),
  };
}

function readFormat(format: NonNullable<OpenAiResponsesRequest['text']>['format']): ChatInput['responseFormat'] {
  if (format?.type === 'json_object') return { type: 'json' };
  if (format?.type !== 'json_schema') return undefined;
  const { name, schema, description, strict } = format;
  return { type: 'json', name, schema, ...(description && { description }), ...(strict != null && { strict }) };
}

function settingWarnings(body: OpenAiResponsesRequest): string[] {
  const { reasoning, text, truncation, store, include, stream_options: streamOptions } = body;
  const effort = reasoning?.effort;
  const nearest = effort && NEAREST_EFFORT[effort];
  const summary = reasoning?.summary ?? reasoning?.generate_summary;
  const ignoredThings = [
    ...(summary && summary !== 'auto' ? [`reasoning.summary ${summary}`] : []),
    ...(text?.verbosity ? ['text.verbosity'] : []),
    ...(truncation === 'auto' ? ['truncation auto'] : []),
    ...(streamOptions?.include_obfuscation ? ['stream_options.include_obfuscation'] : []),
    ...(include ?? []).filter((name) => name !== ALWAYS_INCLUDED).map((name) => `include ${name}`),
    ...(['user', 'safety_identifier', 'prompt_cache_key'] as const).filter((name) => body[name] != null),
  ];
  return [
    ...(body.max_output_tokens == null ? [`max_output_tokens was not set: ${DEFAULT_MAX_OUTPUT_TOKENS} applies`] : []),
    ...(effort && nearest !== effort
      ? [`reasoning.effort ${effort} was taken for ${nearest}: the provider does not support it`]
      : []),
    ...(store ? ['store was ignored: responses are not stored here'] : []),
    ...ignoredThings.map(ignored),
  ];
}
