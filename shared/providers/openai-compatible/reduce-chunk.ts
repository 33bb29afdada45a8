import type { ReportedUsage, ServerSentEvent, Source, StreamPart } from '../contract.ts';
import { NO_USAGE, reportUsage } from '../convert/report-usage.ts';
import type { ChunkReducer } from '../http/chunk-reducer.ts';
import { ProviderError } from '../provider-error.ts';
import { convertUsage } from './convert-usage.ts';
import { streamFault } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { type Content, readAnnotations, readParts } from './read-content.ts';
import { listOf, optional, recordOf, textOf } from './read-wire.ts';
import { contentParts } from './schemas.ts';
import type { Extension, OpenaiVendor } from './vendor.ts';

/**
 * Reduces `chat.completion.chunk`s. Usage comes after the finish reason, so only `[DONE]` finishes a stream. A chunk is
 * checked where it is read, since this runs for every token. Reads the first choice alone: no request asks for more.
 */
export function createChunkReducer(vendor: OpenaiVendor, generateId: () => string): ChunkReducer {
  return new OpenaiChunkReducer(vendor, generateId);
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
  arguments: string;
}

class OpenaiChunkReducer implements ChunkReducer {
  readonly #vendor: OpenaiVendor;
  readonly #generateId: () => string;
  readonly #calls = new Map<number, OpenCall>();
  #isStarted = false;
  #isThinking = false;
  #isRefused = false;
  #hasCalls = false;
  #sources = 0;
  #reason: string | null = null;
  #usage: ReportedUsage = NO_USAGE;

  constructor(vendor: OpenaiVendor, generateId: () => string) {
    this.#vendor = vendor;
    this.#generateId = generateId;
  }

  accept({ event, data }: ServerSentEvent): readonly StreamPart[] {
    try {
      return data === '[DONE]' ? this.#finish() : this.#acceptChunk(event, recordOf(JSON.parse(data)));
    } catch (cause) {
      if (cause instanceof ProviderError) throw cause;
      const { provider } = this.#vendor;
      throw ProviderError.of('bad-response', `${provider} streamed a chunk that cannot be read`, {
        cause,
        billing: 'maybe-billed',
      });
    }
  }

  end(): readonly StreamPart[] | null {
    return this.#vendor.mayEndWithoutDone && this.#reason !== null ? this.#finish() : null;
  }

  usage(): ReportedUsage {
    return this.#usage;
  }

  #acceptChunk(event: string, chunk: Extension): StreamPart[] {
    if (event === 'error' || chunk.error || chunk.object === 'error') throw streamFault(this.#vendor.provider, chunk);
    const parts: StreamPart[] = [];
    const [choice] = listOf(chunk.choices);
    if (!this.#isStarted) {
      this.#isStarted = true;
      parts.push({ type: 'response-start', responseModel: textOf(chunk.model) ?? null });
    }
    this.#acceptSources(this.#vendor.readSources?.(chunk, this.#sources) ?? [], parts);
    if (choice !== undefined) this.#acceptChoice(recordOf(choice), parts);
    if (chunk.usage != null) {
      this.#usage = reportUsage(chunk.usage, this.#vendor.convertUsage ?? convertUsage);
      parts.push({ type: 'usage-update', usage: this.#usage });
    }
    return parts;
  }

  #acceptChoice({ delta, finish_reason: reason }: Extension, parts: StreamPart[]): void {
    if (delta != null) this.#acceptDelta(recordOf(delta), parts);
    if (reason == null) return;
    this.#reason = textOf(reason) ?? null;
    this.#endThinking(parts);
    this.#endCalls(parts);
  }

  #acceptDelta(delta: Extension, parts: StreamPart[]): void {
    const { text, reasoning } = this.#readContent(delta);
    if (reasoning) {
      this.#isThinking = true;
      parts.push({ type: 'reasoning-delta', text: reasoning });
    }
    if (text) {
      this.#endThinking(parts);
      parts.push({ type: 'text-delta', text });
    }
    if (delta.annotations != null) this.#acceptSources(readAnnotations(delta.annotations), parts);
    if (delta.tool_calls == null) return;
    this.#endThinking(parts);
    for (const call of listOf(delta.tool_calls)) this.#acceptCall(recordOf(call), parts);
  }

  #readContent({ content, refusal, reasoning_content: thought, reasoning }: Extension): Content {
    if (Array.isArray(content)) return readParts(contentParts.parse(content));
    const refused = textOf(refusal) ?? '';
    this.#isRefused ||= refused !== '';
    return { text: (textOf(content) ?? '') + refused, reasoning: optional(thought) ?? optional(reasoning) ?? '' };
  }

  /** Calls are told apart by `index`; a server that has none sends one call after another, each with its id. */
  #acceptCall({ index, id, function: called }: Extension, parts: StreamPart[]): void {
    const { name, arguments: argumentsDelta } = recordOf(called);
    const delta =
      typeof argumentsDelta === 'object' && argumentsDelta ? JSON.stringify(argumentsDelta) : argumentsDelta;
    const position = typeof index === 'number' ? index : this.#calls.size - (id ? 0 : 1);
    let call = this.#calls.get(position);
    if (!call) {
      call = { id: textOf(id) || this.#generateId(), name: textOf(name) ?? '', arguments: '' };
      if (!call.name) throw new TypeError('a call without a name');
      this.#calls.set(position, call);
      this.#hasCalls = true;
      parts.push({ type: 'tool-call-start', id: call.id, name: call.name });
    }
    const text = textOf(delta);
    if (!text) return;
    call.arguments += text;
    parts.push({ type: 'tool-call-delta', id: call.id, argumentsDelta: text });
  }

  #acceptSources(sources: readonly Source[], parts: StreamPart[]): void {
    this.#sources += sources.length;
    for (const source of sources) parts.push({ type: 'source', source });
  }

  #endThinking(parts: StreamPart[]): void {
    if (this.#isThinking) parts.push({ type: 'reasoning-end' });
    this.#isThinking = false;
  }

  #endCalls(parts: StreamPart[]): void {
    for (const { id, name, arguments: text } of this.#calls.values()) {
      parts.push({ type: 'tool-call-end', call: { id, name, arguments: text } });
    }
    this.#calls.clear();
  }

  #finish(): StreamPart[] {
    if (!this.#isStarted) throw new TypeError('a stream without a chunk');
    const parts: StreamPart[] = [];
    this.#endThinking(parts);
    this.#endCalls(parts);
    const finishReason = mapFinishReason(this.#reason, { isRefused: this.#isRefused, hasCalls: this.#hasCalls });
    return [...parts, { type: 'finish', finishReason, rawFinishReason: this.#reason, usage: this.#usage }];
  }
}
