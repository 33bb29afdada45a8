interface ProxyEnv {
  /** Scheme, host and port of the upstream mock. */
  readonly UPSTREAM: string;
}

/** The floor that every ratio is taken over: nothing is parsed, both bodies stream natively. */
export const floor: ExportedHandler<ProxyEnv> = {
  fetch(request, { UPSTREAM }) {
    const { method, headers, body } = request;
    return fetch(UPSTREAM + new URL(request.url).pathname, { method, headers, body });
  },
};

/**
 * The least that a gateway in JavaScript does which reads what it passes on: it reads, parses and writes the body, calls,
 * reads and parses the answer for its usage, and answers. No key, no check, no limit, no route, no record.
 */
export const bare: ExportedHandler<ProxyEnv> = {
  async fetch(request, { UPSTREAM }) {
    const body = JSON.stringify(JSON.parse(await request.text()));
    const headers = { 'content-type': 'application/json', authorization: request.headers.get('authorization') ?? '' };
    const response = await fetch(UPSTREAM + new URL(request.url).pathname, { method: 'POST', headers, body });
    const text = await response.text();
    const { usage } = JSON.parse(text) as { readonly usage: { readonly total_tokens: number } };
    const told = { 'content-type': 'application/json', 'x-total-tokens': `${usage.total_tokens}` };
    return new Response(text, { status: response.status, headers: told });
  },
};

const EVENT_END = '\n\n';

/**
 * Stands in for a gateway that only passes on, but touches every chunk in JavaScript: the body is parsed and written
 * again, the stream decoded, split into events, and each event encoded and written for itself. This is how Portkey's
 * `readStream` and `handleStreamingMode` (https://github.com/Portkey-AI/gateway, src/handlers/streamHandler.ts) treat a
 * stream, without the routing, hooks and header work around them.
 */
export const chunkProxy: ExportedHandler<ProxyEnv> = {
  async fetch(request, { UPSTREAM }, context) {
    const url = UPSTREAM + new URL(request.url).pathname;
    const body = JSON.stringify(await request.json());
    const headers = { 'content-type': 'application/json', authorization: request.headers.get('authorization') ?? '' };
    const response = await fetch(url, { method: 'POST', headers, body });
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    context.waitUntil(passOn(response.body ?? new Blob().stream(), writable));
    return new Response(readable, response);
  },
};

async function passOn(body: ReadableStream<Uint8Array>, writable: WritableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  for await (const event of readEvents(body)) await writer.write(encoder.encode(event));
  await writer.close();
}

async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const events = (rest + decoder.decode(read.value, { stream: true })).split(EVENT_END);
    rest = events.pop() ?? '';
    for (const event of events) yield event + EVENT_END;
  }
  if (rest !== '') yield rest;
}
