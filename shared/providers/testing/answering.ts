import type { CallOptions, StreamPart, StreamResult } from '../contract.ts';

/** The time in every test of an adapter. */
export const NOW = Date.UTC(2026, 0, 1);

/** A request as it reached the fake vendor. */
export interface SeenRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly redirect: RequestInit['redirect'];
}

/** Options of a call whose vendor always answers the same, and the requests that it got. */
export function answering(
  answer: () => Response | Promise<Response>,
  overrides: Partial<CallOptions> = {},
): { options: CallOptions; seen: SeenRequest[] } {
  const seen: SeenRequest[] = [];
  let ids = 0;
  const options: CallOptions = {
    model: 'test-model',
    credentials: { apiKey: 'test-key' },
    abortSignal: new AbortController().signal,
    now: () => NOW,
    generateId: () => `generated-${++ids}`,
    fetch: async (input, init) => {
      const body = JSON.parse(String(init?.body));
      seen.push({ url: String(input), headers: new Headers(init?.headers), body, redirect: init?.redirect });
      return await answer();
    },
    ...overrides,
  };
  return { options, seen };
}

/** As `answering`, with a JSON body. */
export function answeringJson(body: unknown, init?: ResponseInit): ReturnType<typeof answering> {
  return answering(() => Response.json(body, init));
}

/** As `answering`, with an event stream: each of the chunks is one read. */
export function answeringEvents(chunks: readonly string[], init?: ResponseInit): ReturnType<typeof answering> {
  return answering(() => eventStream(chunks, init));
}

/** A response that streams the chunks. */
export function eventStream(chunks: readonly (string | Uint8Array)[], init: ResponseInit = {}): Response {
  const encoder = new TextEncoder();
  const rest = chunks.values();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { value, done } = rest.next();
        if (done) controller.close();
        else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { 'content-type': 'text/event-stream', ...Object.fromEntries(new Headers(init.headers)) };
  return new Response(body, { ...init, headers });
}

/** Everything that an iterable gives, in a list. */
export async function drain<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of iterable) all.push(one);
  return all;
}

/** All parts of a stream, its groups joined. */
export async function collect({ parts }: Pick<StreamResult, 'parts'>): Promise<StreamPart[]> {
  return (await drain(parts)).flat();
}
