import type { AppContext } from './app-context.ts';
import { asUntyped, type UntypedResponse } from './untyped-response.ts';

/** Answers with Server-Sent Events, which no cache or proxy on the way may hold back. */
export function eventStreamResponse(context: AppContext, events: ReadableStream<Uint8Array>): UntypedResponse {
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  return asUntyped(context.newResponse(events, { status: 200, headers }));
}
