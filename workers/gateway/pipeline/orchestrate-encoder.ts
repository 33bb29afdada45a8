import type * as z from 'zod';
import type { STREAM_EVENTS, StreamEventName } from '../../../shared/contracts/http/stream-events.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import type { StreamPart } from '../../../shared/providers/contract.ts';
import { toProblem } from '../error-response.ts';
import type { StreamEncoder } from './stream-encoder.ts';

/** Writes a stream in the platform's own events. A failed end is a problem document, with the answer so far. */
export const orchestrateEncoder: StreamEncoder = {
  start: ({ requestId, provider, model, traceId }) =>
    encodeEvent('started', { requestId, provider, model, trace: { traceId } }),

  parts(group) {
    let text = '';
    for (const part of group) text += encodePart(part);
    return text;
  },

  end(ending) {
    const { event, response } = ending;
    if (event === 'completed') return encodeEvent(event, response);
    return encodeEvent(event, { ...toProblem(ending.error, response.requestId), response });
  },

  /** No vendor speaks these events, so nothing but `end` ends them. */
  failure(error: DomainError) {
    throw new Error(`a stream that the platform writes has no failure apart from its end: ${error.code}`);
  },
};

/** One event as text. JSON has no line breaks of its own, so its data is one line. */
function encodeEvent<Name extends StreamEventName>(event: Name, data: z.input<(typeof STREAM_EVENTS)[Name]>): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The event that a part becomes at once; empty for parts that only the end of the stream tells. */
function encodePart(part: StreamPart): string {
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
