import type { StreamPart } from '../contract.ts';
import type { ChunkReducer } from '../http/chunk-reducer.ts';
import { parseEvent } from '../http/parse-event.ts';
import { convertFunctionCall, convertSources } from './convert-answer.ts';
import { convertUsage } from './convert-usage.ts';
import { streamError } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { chunk, type GooglePart, type Grounding } from './schemas.ts';

/**
 * Reads the chunks of `streamGenerateContent`. Nothing but the end of the body says that there are no more, and usage may
 * come after the reason to finish. https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export function createChunkReducer(generateId: () => string): ChunkReducer {
  let isStarted = false;
  let isThinking = false;
  let hasToolCalls = false;
  let finishReason: string | null = null;
  let blockReason: string | null = null;
  let rawUsage: unknown;
  let grounding: Grounding | undefined;
  const knownSources = new Set<string>();
  const usage = () => convertUsage(rawUsage, { grounding, isFinal: finishReason !== null || blockReason !== null });

  function endThought(signature?: string | null): StreamPart[] {
    if (!isThinking && !signature) return [];
    isThinking = false;
    return [{ type: 'reasoning-end', ...(signature && { signature }) }];
  }

  function acceptPart(part: GooglePart): StreamPart[] {
    const { text, thought, thoughtSignature: signature } = part;
    if (thought) {
      isThinking = true;
      return [
        ...(text ? [{ type: 'reasoning-delta', text } as const] : []),
        ...(signature ? endThought(signature) : []),
      ];
    }
    const call = convertFunctionCall(part, generateId);
    if (!call) {
      return [...endThought(), ...(text ? [{ type: 'text-delta', text } as const] : []), ...endThought(signature)];
    }
    hasToolCalls = true;
    const { id, name, arguments: argumentsDelta } = call;
    return [
      ...endThought(),
      { type: 'tool-call-start', id, name },
      { type: 'tool-call-delta', id, argumentsDelta },
      { type: 'tool-call-end', call },
    ];
  }

  function acceptGrounding(metadata: Grounding | null | undefined): StreamPart[] {
    grounding = metadata ?? grounding;
    const fresh = convertSources(metadata).filter(({ url }) => !knownSources.has(url));
    for (const { url } of fresh) knownSources.add(url);
    return fresh.map((source) => ({ type: 'source', source }));
  }

  return {
    usage,
    accept(event) {
      const { candidates, promptFeedback, modelVersion, usageMetadata, error } = parseEvent(chunk, event);
      if (error) throw streamError(error);
      const parts: StreamPart[] = [];
      if (!isStarted) parts.push({ type: 'response-start', responseModel: modelVersion ?? null });
      isStarted = true;
      const candidate = candidates?.[0];
      for (const part of candidate?.content?.parts ?? []) parts.push(...acceptPart(part));
      parts.push(...acceptGrounding(candidate?.groundingMetadata));
      finishReason = candidate?.finishReason ?? finishReason;
      blockReason = promptFeedback?.blockReason ?? blockReason;
      if (usageMetadata != null) {
        rawUsage = usageMetadata;
        parts.push({ type: 'usage-update', usage: usage() });
      }
      return parts;
    },
    end() {
      const rawFinishReason = finishReason ?? blockReason;
      if (rawFinishReason === null) return null;
      const unified = finishReason === null ? 'content-filter' : mapFinishReason(finishReason, hasToolCalls);
      return [...endThought(), { type: 'finish', finishReason: unified, rawFinishReason, usage: usage() }];
    },
  };
}
