import type { AnthropicCountTokensRequest } from '../../../../shared/contracts/http/anthropic/count-tokens.ts';
import type { AnthropicMessagesRequest } from '../../../../shared/contracts/http/anthropic/messages.ts';
import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { DomainError, FieldError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import { omitUndefined } from '../../../../shared/providers/convert/omit-undefined.ts';
import type { ReadRequest } from '../dialect.ts';
import { Notes } from '../notes.ts';
import { refuseFields } from '../refuse-fields.ts';
import { MAX_STOP_SEQUENCES } from './constants.ts';
import { toNativeBody } from './native-body.ts';
import { readEffort } from './read-effort.ts';
import { readMessages, readSystem } from './read-messages.ts';
import { readTools } from './read-tools.ts';
import { threadUnsupported } from './thread-unsupported.ts';
import { unsayCache } from './unsay-cache.ts';

/**
 * Reads a request of Anthropic's Messages API, as its contract has parsed it. Refused when a tool's result names no
 * earlier call. Does not say what the contract itself left out.
 * https://platform.claude.com/docs/en/api/messages/create
 */
export function readRequest(
  body: AnthropicMessagesRequest,
): Result<ReadRequest<ChatInput> & { readonly stream: boolean }, DomainError> {
  if (body.thread) return err(threadUnsupported());
  const notes = new Notes();
  const prompt = readPrompt(body, notes);
  if (!prompt.ok) return err(refuseFields(prompt.error));
  notes.unsay('metadata.user_id', body.metadata?.user_id);
  notes.unsay('diagnostics', body.diagnostics);
  const native = {
    format: 'anthropic-messages',
    body: toNativeBody(body, notes),
    maxOutputTokens: body.max_tokens,
  } as const;
  const { temperature, top_p: topP, top_k: topK, model, max_tokens: maxOutputTokens, stream = false } = body;
  const input = {
    ...prompt.value,
    maxOutputTokens,
    ...omitUndefined({ temperature, topP, topK: topK || undefined, stop: readStop(body.stop_sequences, notes) }),
  };
  return ok({
    model,
    input,
    native,
    stream,
    unsaid: [...notes.unsaid],
    unsent: [...notes.unsent],
    warnings: [...notes.warnings],
  });
}

/** Reads a request to count tokens: the same without what bounds the answer, and without a native form. */
export function readCountRequest(body: AnthropicCountTokensRequest): Result<ReadRequest<ChatInput>, DomainError> {
  const notes = new Notes();
  const prompt = readPrompt(body, notes);
  if (!prompt.ok) return err(refuseFields(prompt.error));
  return ok({ model: body.model, input: prompt.value, unsaid: [...notes.unsaid], warnings: [...notes.warnings] });
}

function readPrompt(body: AnthropicCountTokensRequest, notes: Notes): Result<ChatInput, readonly FieldError[]> {
  const turns = readMessages(body.messages, notes);
  if (!turns.ok) return turns;
  unsayCache(notes, body);
  const schema = (body.output_config?.format ?? body.output_format)?.schema;
  return ok({
    messages: [...readSystem(body.system ?? '', notes), ...turns.value],
    ...readTools(body, notes),
    ...omitUndefined({
      reasoningEffort: readEffort(body, notes),
      responseFormat: schema && { type: 'json' as const, schema },
    }),
  });
}

function readStop(sequences: readonly string[] | undefined, notes: Notes): string[] | undefined {
  if (sequences && sequences.length > MAX_STOP_SEQUENCES) {
    notes.unsaid.add(`stop_sequences after the first ${MAX_STOP_SEQUENCES} were ignored: the provider takes no more`);
  }
  return sequences?.length ? sequences.slice(0, MAX_STOP_SEQUENCES) : undefined;
}
