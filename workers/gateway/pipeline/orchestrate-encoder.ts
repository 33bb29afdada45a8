import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { toProblem } from '../error-response.ts';
import type { StreamEncoder } from './stream-encoder.ts';
import { type StreamEvent, streamEventOf } from './stream-event-of.ts';

/** Writes a stream in the platform's own events. A failed end is a problem document, with the answer so far. */
export const orchestrateEncoder: StreamEncoder = {
  start: ({ requestId, provider, model, traceId }) =>
    encodeEvent({ event: 'started', data: { requestId, provider, model, trace: { traceId } } }),

  parts(group) {
    let text = '';
    for (const part of group) {
      const event = streamEventOf(part);
      if (event) text += encodeEvent(event);
    }
    return text;
  },

  continued: (by) => encodeEvent({ event: 'continued', data: { ...by } }),

  end(ending) {
    const { event, response } = ending;
    if (event === 'completed') return encodeEvent({ event, data: response });
    return encodeEvent({ event, data: { ...toProblem(ending.error, response.requestId), response } });
  },

  /** No vendor speaks these events, so nothing but `end` ends them. */
  failure(error: DomainError) {
    throw new Error(`a stream that the platform writes has no failure apart from its end: ${error.code}`);
  },
};

/** One event as text. JSON has no line breaks of its own, so its data is one line. */
function encodeEvent({ event, data }: StreamEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
