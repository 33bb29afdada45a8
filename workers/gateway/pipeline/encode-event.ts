import type * as z from 'zod';
import type { STREAM_EVENTS, StreamEventName } from '../../../shared/contracts/http/stream-events.ts';
import type { StreamPart } from '../../../shared/providers/contract.ts';

/** A comment of `text/event-stream`: keeps the connection alive, and clients pass over it. */
export const KEEP_ALIVE = ': keep-alive\n\n';

/** One event of a streamed answer as text. JSON has no line breaks of its own, so its data is one line. */
export function encodeEvent<Name extends StreamEventName>(
  event: Name,
  data: z.input<(typeof STREAM_EVENTS)[Name]>,
): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The event that a part becomes at once; empty for parts that only the end of the stream tells. */
export function encodePart(part: StreamPart): string {
  switch (part.type) {
    case 'text-delta':
      return encodeEvent('text.delta', { text: part.text });
    case 'reasoning-delta':
      return encodeEvent('reasoning.delta', { text: part.text });
    case 'tool-call-start':
      return encodeEvent('tool_call.started', { id: part.id, name: part.name });
    case 'tool-call-delta':
      return encodeEvent('tool_call.delta', { id: part.id, argumentsDelta: part.argumentsDelta });
    case 'tool-call-end':
      return encodeEvent('tool_call.completed', part.call);
    case 'source':
      return encodeEvent('source', part.source);
    case 'response-start':
    case 'reasoning-end':
    case 'usage-update':
    case 'finish':
    case 'stream-error':
      return '';
  }
}
