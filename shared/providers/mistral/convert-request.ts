import type { ChatMessage, ChatRequest, FilePart } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { mediaUrl } from '../openai-compatible/convert-messages.ts';
import type { ChatBody, Extension } from '../openai-compatible/vendor.ts';
import { TOOL_CALL_ID_LENGTH } from './constants.ts';

/** Mistral thinks at full effort or not at all, and takes tool calls of its own form of id only. */
export function adaptRequest(request: ChatRequest): { request: ChatRequest; warnings: readonly string[] } {
  const { reasoningEffort: effort } = request;
  const isRaised = effort === 'low' || effort === 'medium';
  return {
    request: {
      ...request,
      messages: request.messages.map(adaptIds),
      ...(isRaised && { reasoningEffort: 'high' }),
    },
    warnings: isRaised ? [`reasoningEffort ${effort} was raised to high: the provider knows only that and none`] : [],
  };
}

function adaptIds(message: ChatMessage): ChatMessage {
  if (message.role === 'tool') return { ...message, toolCallId: adaptId(message.toolCallId) };
  if (message.role !== 'assistant' || !message.toolCalls) return message;
  return { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, id: adaptId(call.id) })) };
}

/** The same for the same id, so that a call and its result still meet. */
function adaptId(id: string): string {
  return id
    .replace(/[^a-zA-Z0-9]/g, '')
    .slice(-TOOL_CALL_ID_LENGTH)
    .padStart(TOOL_CALL_ID_LENGTH, '0');
}

/** `seed` is `random_seed`, and a call that is required is `any`. */
export function adaptBody({ seed, tool_choice: choice, ...body }: ChatBody): Extension {
  return { ...body, ...omitUndefined({ random_seed: seed, tool_choice: choice === 'required' ? 'any' : choice }) };
}

/** A document, inline or by its URL. */
export function convertFile({ source, filename }: FilePart): Extension {
  return { type: 'document_url', document_url: mediaUrl(source), ...omitUndefined({ document_name: filename }) };
}

/** Thoughts of an earlier turn, which Mistral wants back. */
export function convertReasoning(text: string): Extension {
  return { type: 'thinking', thinking: [{ type: 'text', text }] };
}
