import { answer } from './answer.ts';
import type { AppContext } from './app-context.ts';
import type { UntypedResponse } from './untyped-response.ts';

/** Answers with Server-Sent Events, which no cache or proxy on the way may hold back. */
export function eventStreamResponse(
  context: AppContext,
  events: ReadableStream<Uint8Array>,
  more: Readonly<Record<string, string>> = {},
): UntypedResponse {
  const headers = {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    ...more,
  };
  context.set('isStreamed', true);
  return answer(context, events, 200, headers);
}
