import type * as z from 'zod';
import type { StreamPart } from '../contract.ts';
import type { ChunkReducer } from '../http/chunk-reducer.ts';
import { parseEvent } from '../http/parse-event.ts';
import { REDACTED_PREFIX } from './constants.ts';
import { convertSource } from './convert-answer.ts';
import { convertUsage } from './convert-usage.ts';
import { streamError } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import * as schemas from './schemas.ts';

type Parts = readonly StreamPart[];

/** A block that is not whole yet. */
type OpenBlock =
  | { readonly type: 'thinking'; signature: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input?: unknown; json: string };

/**
 * Reads the events of a message. `ping`, and kinds of events and blocks that are not known, are passed over, as the
 * vendor asks. https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export function createChunkReducer(): ChunkReducer {
  const open = new Map<number, OpenBlock>();
  let rawUsage: Record<string, unknown> | undefined;
  let stopReason: string | null = null;
  const usage = () => convertUsage(rawUsage);

  function addUsage(counts: Record<string, unknown> | null | undefined): Parts {
    if (!counts) return [];
    const told = Object.entries(counts).filter(([, count]) => count !== null);
    rawUsage = { ...rawUsage, ...Object.fromEntries(told) };
    return [{ type: 'usage-update', usage: usage() }];
  }

  /** Its `output_tokens` are those of the message so far, which is empty: what they will be is not known. */
  function startMessage({ message }: z.infer<typeof schemas.messageStart>): Parts {
    const { output_tokens: _, ...counts } = message.usage ?? {};
    const start: StreamPart = { type: 'response-start', responseModel: message.model ?? null };
    return [start, ...(message.usage ? addUsage(counts) : [])];
  }

  function startBlock({ index, content_block: block }: z.infer<typeof schemas.blockStart>): Parts {
    switch (block.type) {
      case 'text':
        return block.text === '' ? [] : [{ type: 'text-delta', text: block.text }];
      case 'thinking':
        open.set(index, { type: 'thinking', signature: block.signature ?? '' });
        return block.thinking === '' ? [] : [{ type: 'reasoning-delta', text: block.thinking }];
      case 'redacted_thinking':
        open.set(index, { type: 'thinking', signature: `${REDACTED_PREFIX}${block.data}` });
        return [];
      case 'tool_use':
        open.set(index, { ...block, json: '' });
        return [{ type: 'tool-call-start', id: block.id, name: block.name }];
      case 'web_search_tool_result':
        return block.content.map((result) => ({ type: 'source', source: convertSource(result) }));
      case 'other':
        return [];
    }
  }

  function extendBlock({ index, delta }: z.infer<typeof schemas.blockDelta>): Parts {
    if (delta.text !== undefined) return [{ type: 'text-delta', text: delta.text }];
    if (delta.thinking !== undefined) return [{ type: 'reasoning-delta', text: delta.thinking }];
    const block = open.get(index);
    if (block?.type === 'thinking') block.signature += delta.signature ?? '';
    if (block?.type !== 'tool_use' || !delta.partial_json) return [];
    block.json += delta.partial_json;
    return [{ type: 'tool-call-delta', id: block.id, argumentsDelta: delta.partial_json }];
  }

  /** A call without pieces has its arguments from the start, mostly none. */
  function endBlock({ index }: z.infer<typeof schemas.blockStop>): Parts {
    const block = open.get(index);
    open.delete(index);
    if (!block) return [];
    if (block.type === 'thinking') {
      return [{ type: 'reasoning-end', ...(block.signature && { signature: block.signature }) }];
    }
    const { id, name, json, input } = block;
    return [{ type: 'tool-call-end', call: { id, name, arguments: json || JSON.stringify(input ?? {}) } }];
  }

  function extendMessage({ delta, usage: counts }: z.infer<typeof schemas.messageDelta>): Parts {
    stopReason = delta.stop_reason ?? stopReason;
    return addUsage(counts);
  }

  return {
    usage,
    end: () => null,
    accept(event) {
      switch (event.event) {
        case 'message_start':
          return startMessage(parseEvent(schemas.messageStart, event));
        case 'content_block_start':
          return startBlock(parseEvent(schemas.blockStart, event));
        case 'content_block_delta':
          return extendBlock(parseEvent(schemas.blockDelta, event));
        case 'content_block_stop':
          return endBlock(parseEvent(schemas.blockStop, event));
        case 'message_delta':
          return extendMessage(parseEvent(schemas.messageDelta, event));
        case 'message_stop': {
          const finishReason = mapFinishReason(stopReason);
          return [{ type: 'finish', finishReason, rawFinishReason: stopReason, usage: usage() }];
        }
        case 'error':
          throw streamError(JSON.parse(event.data));
        default:
          return [];
      }
    },
  };
}
