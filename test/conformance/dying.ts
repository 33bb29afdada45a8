import { eventStream } from '../../shared/providers/testing/answering.ts';
import type { Fixture } from './fixtures.ts';

/** A stream that is over after so many bytes: broken, or as if it had ended. */
export function dying({ body }: Pick<Fixture, 'body'>, at: number, how: 'breaks' | 'ends'): Response {
  const bytes = new TextEncoder().encode(body).slice(0, at);
  if (how === 'ends') return eventStream(at === 0 ? [] : [bytes]);
  let isSent = at === 0;
  const broken = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (isSent) return controller.error(new TypeError('terminated'));
        isSent = true;
        controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(broken, { headers: { 'content-type': 'text/event-stream' } });
}
