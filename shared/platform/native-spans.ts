import { tracing } from 'cloudflare:workers';
import { NO_SPANS, type Spans } from './spans.ts';

const NATIVE_SPANS: Spans = {
  run: (name, attributes, work) =>
    // A span that `startActiveSpan` begins goes on until somebody ends it, and is exported without its attributes until then.
    tracing.enterSpan(name, async (span) => {
      span.setAttributes(attributes);
      return await work();
    }),
};

/** The runtime's own spans (Workers tracing), when the var `NATIVE_TRACING` is `on`. */
export function spansFor(nativeTracing: string): Spans {
  return nativeTracing === 'on' ? NATIVE_SPANS : NO_SPANS;
}
