import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { OpenAiChatRequest } from '../../../../shared/contracts/http/openai/chat-completions.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';
import { DEFAULT_MAX_OUTPUT_TOKENS } from '../../constants.ts';
import type { ReadRequest } from '../dialect.ts';
import { Notes } from '../notes.ts';
import { NEAREST_EFFORT } from '../openai-effort.ts';
import { refuseFields } from '../refuse-fields.ts';
import { readMessages } from './read-messages.ts';
import { readSampling } from './read-sampling.ts';
import { readTools } from './read-tools.ts';

/** A chat, and how its answer is to be written. */
export interface ReadChat extends ReadRequest<ChatInput> {
  readonly stream: boolean;
  /** If a stream ends with a chunk of the usage. */
  readonly includeUsage: boolean;
}

/** What the platform's form has no word for. */
const WORDLESS = [
  'verbosity',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
  'metadata',
  'store',
] as const satisfies readonly (keyof OpenAiChatRequest)[];

/**
 * Reads the body of `POST /v1/chat/completions`. Refuses media that are neither inline nor at an `https:` URL, and tool
 * results without their call. Does not judge what a vendor judges itself, such as the order of the roles.
 */
export function readRequest(body: OpenAiChatRequest): Result<ReadChat, DomainError> {
  const notes = new Notes();
  const { messages, native: nativeMessages } = readMessages(body.messages, notes);
  if (messages.length === 0) notes.faults.push({ pointer: '/messages', detail: 'must say something' });
  const tools = readTools(body, notes);
  const maxOutputTokens = body.max_completion_tokens ?? body.max_tokens;
  const sampling = readSampling(body, maxOutputTokens, 'max_completion_tokens', notes);
  const input = { messages, ...sampling, ...tools.input, ...readOptions(body, notes) };
  if (notes.faults.length > 0) return err(refuseFields(notes.faults));
  return ok({
    model: body.model,
    input,
    native: {
      format: 'openai-chat',
      body: { ...nativeOptions(body), messages: nativeMessages, ...tools.native },
      maxOutputTokens: maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS,
    },
    unsaid: [...notes.unsaid],
    unsent: [...notes.unsent],
    warnings: [...notes.warnings],
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
  });
}

type Options = Pick<ChatInput, 'frequencyPenalty' | 'presencePenalty' | 'reasoningEffort' | 'responseFormat'>;

function readOptions(body: OpenAiChatRequest, notes: Notes): Options {
  const { frequency_penalty, presence_penalty, reasoning_effort: asked, response_format } = body;
  for (const name of WORDLESS) if (says(body[name])) notes.unsaid.add(ignored(name));
  const effort = asked && NEAREST_EFFORT[asked];
  if (effort && effort !== asked) {
    notes.unsaid.add(`reasoning_effort ${asked} was taken for ${effort}: the provider does not support it`);
  }
  return {
    ...(frequency_penalty != null && { frequencyPenalty: frequency_penalty }),
    ...(presence_penalty != null && { presencePenalty: presence_penalty }),
    ...(effort && { reasoningEffort: effort }),
    ...(response_format && { responseFormat: readFormat(response_format) }),
  };
}

/** If a field asks for anything: `false` and an empty object do not. */
function says(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value != null && value !== false;
}

function readFormat(
  format: NonNullable<OpenAiChatRequest['response_format']>,
): NonNullable<ChatInput['responseFormat']> {
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json_object') return { type: 'json' };
  const { name, description, schema, strict } = format.json_schema;
  return {
    type: 'json',
    name,
    ...(schema && { schema }),
    ...(description != null && { description }),
    ...(strict != null && { strict }),
  };
}

/** What goes to OpenAI otherwise than as it is: read apart, or the adapter's to set. */
const NO_OPTIONS: ReadonlySet<string> = new Set<keyof OpenAiChatRequest>([
  ...(['model', 'messages', 'tools', 'tool_choice', 'parallel_tool_calls'] as const),
  ...(['max_tokens', 'max_completion_tokens', 'stream', 'stream_options'] as const),
]);

/** What goes to OpenAI as it is. */
function nativeOptions(body: OpenAiChatRequest): object {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) if (value != null && !NO_OPTIONS.has(name)) options[name] = value;
  return options;
}
