import { randomHex } from './random-hex.ts';

/** A position in a trace, as W3C Trace Context describes it (https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  /** The caller's span; absent where the trace begins here. */
  readonly parentSpanId?: string;
  /** The caller's `tracestate`, passed on untouched. */
  readonly traceState: string | undefined;
  readonly flags: string;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const TRACESTATE_MAX_LENGTH = 512;

/** Continues the caller's trace with a span of our own, or starts one where its header is absent or malformed. */
export function continueTrace(traceparent: string | null | undefined, traceState?: string | null): TraceContext {
  const match = traceparent ? TRACEPARENT.exec(traceparent) : null;
  const isKept = match && traceState && traceState.length <= TRACESTATE_MAX_LENGTH;
  return {
    traceId: match?.[1] ?? randomHex(16),
    spanId: randomHex(8),
    ...(match?.[2] !== undefined && { parentSpanId: match[2] }),
    flags: match?.[3] ?? '01',
    traceState: isKept ? traceState : undefined,
  };
}

/** The header that hands a trace on. */
export function toTraceparent({ traceId, spanId, flags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${flags}`;
}
