import type { ChatRequest, FilePart } from '../contract.ts';
import { adaptIds } from '../convert/adapt-ids.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { isAudio, mediaUrl } from '../openai-compatible/convert-messages.ts';
import type { ChatBody, Extension } from '../openai-compatible/vendor.ts';
import { TOOL_CALL_ID } from './constants.ts';

/** Mistral thinks at full effort or not at all, and takes tool calls of its own form of id only. */
export function adaptRequest(request: ChatRequest): { request: ChatRequest; warnings: readonly string[] } {
  const { reasoningEffort: effort } = request;
  const isRaised = effort === 'low' || effort === 'medium';
  return {
    request: {
      ...request,
      messages: adaptIds(request.messages, TOOL_CALL_ID),
      ...(isRaised && { reasoningEffort: 'high' }),
    },
    warnings: isRaised ? [`reasoningEffort ${effort} was raised to high: the provider knows only that and none`] : [],
  };
}

/** `seed` is `random_seed`, and a call that is required is `any`. */
export function adaptBody({ seed, tool_choice: choice, ...body }: ChatBody): Extension {
  return { ...body, ...omitUndefined({ random_seed: seed, tool_choice: choice === 'required' ? 'any' : choice }) };
}

/** A document, inline or by its URL. Only models that are not offered here hear audio. */
export function convertFile({ source, filename }: FilePart): Extension | undefined {
  if (isAudio(source)) return undefined;
  return { type: 'document_url', document_url: mediaUrl(source), ...omitUndefined({ document_name: filename }) };
}

/** Thoughts of an earlier turn, which Mistral wants back. */
export function convertReasoning(text: string): Extension {
  return { type: 'thinking', thinking: [{ type: 'text', text }] };
}

/**
 * A message of the assistant with `prefix` is how the answer has to begin (https://docs.mistral.ai/api). Of thoughts before
 * such a beginning nothing is said there.
 */
export function takesPrefix({ reasoningEffort }: ChatRequest, _begun: string, model: string): boolean {
  return (reasoningEffort ?? 'none') === 'none' && !model.startsWith('magistral');
}
