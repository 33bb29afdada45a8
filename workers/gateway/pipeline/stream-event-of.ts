import type * as z from 'zod';
import type {
  STREAM_EVENTS,
  StreamEventName,
  TerminalEventName,
} from '../../../shared/contracts/http/stream-events.ts';
import type { StreamPart } from '../../../shared/providers/contract.ts';

/** One of the platform's own events of a streamed answer. */
export type StreamEvent = {
  [Name in StreamEventName]: { readonly event: Name; readonly data: z.input<(typeof STREAM_EVENTS)[Name]> };
}[StreamEventName];

/** One that tells a piece of the answer. */
export type PieceEvent = Extract<
  StreamEvent,
  { readonly event: Exclude<StreamEventName, TerminalEventName | 'started' | 'continued'> }
>;

/** The event that a part becomes at once; null for parts that only the end of the stream tells. */
export function streamEventOf(part: StreamPart): PieceEvent | null {
  switch (part.type) {
    case 'text-delta':
      return { event: 'text.delta', data: { text: part.text } };
    case 'reasoning-delta':
      return { event: 'reasoning.delta', data: { text: part.text } };
    case 'tool-call-start':
      return { event: 'tool_call.started', data: { id: part.id, name: part.name } };
    case 'tool-call-delta':
      return { event: 'tool_call.delta', data: { id: part.id, argumentsDelta: part.argumentsDelta } };
    case 'tool-call-end':
      return { event: 'tool_call.completed', data: part.call };
    case 'source':
      return { event: 'source', data: part.source };
    case 'response-start':
    case 'reasoning-end':
    case 'usage-update':
    case 'finish':
    case 'stream-error':
      return null;
  }
}
