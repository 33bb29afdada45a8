import type { ProviderName, ReportedUsage, ServerSentEvent, StreamPart } from '../contract.ts';
import { NO_USAGE, reportUsage } from '../convert/report-usage.ts';
import type { ChunkReducer } from '../http/chunk-reducer.ts';
import { convertUsage } from './convert-usage.ts';
import { streamFault } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { listOf, recordOf, textOf } from './read-wire.ts';

/**
 * Reduces the chunks of `POST /completions`, whose choices have a `text`. Usage comes after the finish reason, so only
 * `[DONE]` finishes a stream. Reads the first choice alone: no request asks for more.
 * https://developers.openai.com/api/reference/resources/completions/methods/create
 */
export function createCompletionReducer(provider: ProviderName): ChunkReducer {
  let isStarted = false;
  let reason: string | null = null;
  let usage: ReportedUsage = NO_USAGE;

  function finish(): StreamPart[] {
    if (!isStarted) throw new TypeError('a stream without a chunk');
    const finishReason = mapFinishReason(reason, { isRefused: false, hasCalls: false });
    return [{ type: 'finish', finishReason, rawFinishReason: reason, usage }];
  }

  function acceptChunk({ event, data }: ServerSentEvent): StreamPart[] {
    const chunk = recordOf(JSON.parse(data));
    if (event === 'error' || chunk.error || chunk.object === 'error') throw streamFault(provider, chunk);
    const parts: StreamPart[] = [];
    const [choice] = listOf(chunk.choices);
    if (!isStarted) parts.push({ type: 'response-start', responseModel: textOf(chunk.model) ?? null });
    isStarted = true;
    if (choice !== undefined) {
      const { text: said, finish_reason: stated } = recordOf(choice);
      const text = textOf(said);
      if (text) parts.push({ type: 'text-delta', text });
      reason = textOf(stated) ?? reason;
    }
    if (chunk.usage != null) {
      usage = reportUsage(chunk.usage, convertUsage);
      parts.push({ type: 'usage-update', usage });
    }
    return parts;
  }

  return {
    usage: () => usage,
    end: () => null,
    accept: (event) => (event.data === '[DONE]' ? finish() : acceptChunk(event)),
  };
}
