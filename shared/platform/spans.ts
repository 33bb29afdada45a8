import type { TraceContext } from './trace-context.ts';

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Where a span is in the caller's trace, for those that export spans: the runtime's own have ids of their own, and no trace
 * of theirs goes through a queue, or from an object that accepts work to the alarm that does it.
 */
export function traceAttributes({ traceId, spanId, parentSpanId }: TraceContext): SpanAttributes {
  return { 'eufm.trace_id': traceId, 'eufm.span_id': spanId, 'eufm.parent_span_id': parentSpanId };
}

/** Times a piece of work as a span of the platform's tracing. Switched off, it only does the work. */
export interface Spans {
  run<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
}

/** No spans. */
export const NO_SPANS: Spans = { run: (_name, _attributes, work) => work() };
