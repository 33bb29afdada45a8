export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Times a piece of work as a span of the platform's tracing. Switched off, it only does the work. */
export interface Spans {
  run<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
}

/** No spans. */
export const NO_SPANS: Spans = { run: (_name, _attributes, work) => work() };
