import { createLogger } from '../../../shared/platform/logger.ts';

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

/** Headers of a request that say who asks, for what, how, and in which trace. */
const ASKED_HEADERS = [
  ...['authorization', 'x-api-key', 'x-tenant-id', 'x-env-id', 'content-type', 'content-encoding', 'idempotency-key'],
  ...['traceparent', 'tracestate', 'origin', 'cookie', 'x-eufm-policy', 'x-eufm-metadata', 'x-eufm-cache'],
];
/** As many as an answer of the product's has, as long as they are. */
const TOLD_HEADERS = {
  ...{
    'x-request-id': '01a22c21-3f3f-753f-9834-ffcb810edeb6',
    'x-eufm-request-id': '01a22c21-3f3f-753f-9834-ffcb810edeb6',
  },
  ...{ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', vary: 'Origin' },
  ...{ 'strict-transport-security': 'max-age=15552000; includeSubDomains', 'x-content-type-options': 'nosniff' },
  ...{ 'x-frame-options': 'SAMEORIGIN', 'referrer-policy': 'no-referrer' },
  ...{ 'cross-origin-resource-policy': 'cross-origin', ratelimit: '"requests";r=99;t=60' },
  ...{ 'ratelimit-policy': '"requests";q=100;w=60', 'x-eufm-provider': 'openai', 'x-eufm-model': 'gpt-4o-mini' },
  ...{ 'x-eufm-cost-usd': '0.000123', 'content-type': 'application/json' },
};
const TOLD_STREAM_HEADERS = { ...TOLD_HEADERS, 'content-type': 'text/event-stream' };
const GIVEN_UP_AFTER_MS = 120_000;
const logger = createLogger({ service: 'bench', level: 'info' });

/**
 * What the full path must ask of the runtime, and nothing of the product: as `bare`, with its headers read, a call that can
 * be given up, a clock that gives it up, an answer with its headers, a line in the log, and work that outlasts the answer.
 * No key is looked up, nothing is checked, held, routed, priced, recorded or settled. A stream is piped natively, and its
 * copy read for its usage when it is over, in one piece, of which nothing but the last event is parsed.
 */
export const runtimeCalls: ExportedHandler<ProxyEnv> = {
  async fetch(request, { UPSTREAM }, context) {
    const asked = ASKED_HEADERS.filter((name) => request.headers.has(name)).length;
    const wanted = JSON.parse(await request.text()) as { readonly stream?: boolean };
    const body = JSON.stringify(wanted);
    const headers = { 'content-type': 'application/json', authorization: request.headers.get('authorization') ?? '' };
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), GIVEN_UP_AFTER_MS);
    const url = UPSTREAM + new URL(request.url).pathname;
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: stop.signal });
    if (wanted.stream && response.body) {
      const [forClient, copy] = response.body.tee();
      const { readable, writable } = new IdentityTransformStream();
      const piped = forClient.pipeTo(writable);
      const metered = piped.then(async () => {
        const usage = usageOfLast(await new Response(copy).text());
        clearTimeout(clock);
        logger.info('request', { asked, usage });
      });
      context.waitUntil(metered);
      return new Response(readable, { status: response.status, headers: TOLD_STREAM_HEADERS });
    }
    const text = await response.text();
    clearTimeout(clock);
    const { usage } = JSON.parse(text) as Metered;
    context.waitUntil(Promise.resolve());
    logger.info('request', { asked, usage });
    return new Response(text, { status: response.status, headers: TOLD_HEADERS });
  },
};

interface Metered {
  readonly usage: { readonly total_tokens: number };
}

/** The usage that a stream's last event has, before the one that says that it is over. */
function usageOfLast(stream: string): Metered['usage'] {
  const last = stream.slice(0, stream.lastIndexOf('data: [DONE]'));
  return (JSON.parse(last.slice(last.lastIndexOf('data: ') + 'data: '.length)) as Metered).usage;
}

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
