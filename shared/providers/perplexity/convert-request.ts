import type { ChatRequest, FilePart } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { splitSystem } from '../convert/split-system.ts';
import { ignored } from '../convert/warn-unsupported.ts';
import { isAudio } from '../openai-compatible/convert-messages.ts';
import type { ChatBody, Extension } from '../openai-compatible/vendor.ts';

/** System messages go to the front, JSON needs a schema, and a model that reasons cannot be kept from it. */
export function adaptRequest(request: ChatRequest): { request: ChatRequest; warnings: readonly string[] } {
  const { system, turns, warnings } = splitSystem(request.messages);
  const { reasoningEffort, responseFormat: format, ...rest } = request;
  const isWithoutReasoning = reasoningEffort === 'none';
  return {
    request: {
      ...rest,
      messages: [...system.map((content) => ({ role: 'system', content }) as const), ...turns],
      ...omitUndefined({
        reasoningEffort: isWithoutReasoning ? undefined : reasoningEffort,
        responseFormat: format?.type === 'json' ? { schema: { type: 'object' }, ...format } : format,
      }),
    },
    warnings: [...warnings, ...(isWithoutReasoning ? [ignored('reasoningEffort none')] : [])],
  };
}

/** Perplexity has a `top_k`. */
export function adaptBody(body: ChatBody, { topK }: ChatRequest): Extension {
  return { ...body, ...omitUndefined({ top_k: topK }) };
}

/** A document by its URL or as bare base64. https://docs.perplexity.ai/guides/file-attachments */
export function convertFile({ source, filename }: FilePart): Extension | undefined {
  if (isAudio(source)) return undefined;
  const url = source.kind === 'url' ? source.url : source.data;
  return { type: 'file_url', file_url: { url }, ...omitUndefined({ file_name: filename }) };
}
