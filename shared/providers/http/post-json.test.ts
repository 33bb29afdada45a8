import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { MAX_ANSWER_BYTES } from '../constants.ts';
import type { CallOptions } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';
import { answering, answeringEvents, answeringJson, collect, drain, NOW } from '../testing/answering.ts';
import type { ChunkReducer } from './chunk-reducer.ts';
import { postJson, postNativeStream, postStream } from './post-json.ts';
import { readWindow } from './rate-limit-window.ts';
import type { VendorFault } from './status-error.ts';

async function call(options: CallOptions, fault: VendorFault = {}, url = 'https://vendor.test/chat') {
  const schema = z.object({ answer: z.string() });
  const headers = { authorization: 'Bearer test-key' };
  return await postJson({ provider: 'openai', url, headers, body: { a: 1 }, schema, readFault: () => fault, options });
}

async function failure(options: CallOptions, fault?: VendorFault, url?: string): Promise<ProviderError> {
  const thrown: unknown = await call(options, fault, url).catch((error: unknown) => error);
  if (thrown instanceof ProviderError) return thrown;
  throw new Error(`not a ProviderError: ${String(thrown)}`);
}

function failing(thrown: unknown, signal = new AbortController().signal): CallOptions {
  return answering(() => Promise.reject(thrown), { abortSignal: signal }).options;
}

describe('a request', () => {
  it('carries credential, trace context and JSON, and follows no redirect', async () => {
    const { options, seen } = answering(() => Response.json({ answer: 'yes', more: 1 }), {
      traceparent: '00-aa-bb-01',
    });
    expect(await call(options)).toEqual({ answer: 'yes' });
    expect(seen).toMatchObject([{ url: 'https://vendor.test/chat', body: { a: 1 }, redirect: 'manual' }]);
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({
      authorization: 'Bearer test-key',
      'content-type': 'application/json',
      traceparent: '00-aa-bb-01',
    });
  });

  it('calls fetch without a receiver, which workerd insists on', async () => {
    let receiver: unknown = 'not called';
    async function fetch(this: unknown): Promise<Response> {
      receiver = this;
      return Response.json({ answer: 'yes' });
    }
    await call({ ...answeringJson({}).options, fetch });
    expect(receiver).toBeUndefined();
  });
});

describe('a status', () => {
  it.each([
    [302, 'bad-response', 'not-billed'],
    [400, 'validation', 'not-billed'],
    [401, 'auth', 'not-billed'],
    [402, 'auth', 'not-billed'],
    [403, 'auth', 'not-billed'],
    [404, 'model-not-found', 'not-billed'],
    [405, 'validation', 'not-billed'],
    [408, 'timeout', 'not-billed'],
    [409, 'retryable', 'not-billed'],
    [413, 'context-too-long', 'not-billed'],
    [422, 'validation', 'not-billed'],
    [429, 'rate-limited', 'not-billed'],
    [500, 'retryable', 'not-billed'],
    [502, 'retryable', 'maybe-billed'],
    [503, 'overloaded', 'not-billed'],
    [504, 'timeout', 'maybe-billed'],
    [529, 'overloaded', 'not-billed'],
  ])('%i is %s, %s', async (status, kind, billing) => {
    const { options } = answering(() => new Response('<html>', { status, headers: { location: 'https://evil.test' } }));
    expect(await failure(options)).toMatchObject({ kind, billing, status, message: `openai answered ${status}` });
  });

  it('brings the time to wait from the header, unless the body says it', async () => {
    const { options } = answeringJson({}, { status: 429, headers: { 'retry-after': '3' } });
    expect((await failure(options)).retryAfterMs).toBe(3_000);
    expect((await failure(options, { retryAfterMs: 40 })).retryAfterMs).toBe(40);
  });

  it("keeps the vendor's sentence for the sender of a refused request, and out of the message", async () => {
    const fault = { message: `bad ${'x'.repeat(2_000)}`, code: 'invalid_value' };
    const refused = await failure(answeringJson({}, { status: 400 }).options, fault);
    expect(refused.vendorMessage).toMatch(/^bad x{996}$/);
    expect(refused.message).toBe('openai answered 400 (invalid_value)');
    expect(refused.retry).toBe('never');
  });

  it("keeps no sentence about the tenant's account", async () => {
    const fault = { message: 'Incorrect API key provided: sk-secret' };
    expect((await failure(answeringJson({}, { status: 401 }).options, fault)).vendorMessage).toBeUndefined();
  });

  it('takes the kind from the body for a plain 4xx only, and no free text as a code', async () => {
    const fault = { kind: 'context-too-long', code: 'two words' } as const;
    expect(await failure(answeringJson({}, { status: 400 }).options, fault)).toMatchObject({
      kind: 'context-too-long',
      message: 'openai answered 400',
    });
    expect((await failure(answeringJson({}, { status: 500 }).options, fault)).kind).toBe('retryable');
  });

  it('stands even when its explanation cannot be read', async () => {
    const broken = () => new ReadableStream({ pull: () => Promise.reject(new TypeError('terminated')) });
    const { options } = answering(() => new Response(broken(), { status: 429, headers: { 'retry-after': '1' } }));
    expect(await failure(options)).toMatchObject({ kind: 'rate-limited', retryAfterMs: 1_000 });
  });
});

describe('a 2xx', () => {
  it.each(['', '<html>ok</html>', '{"answer":', '{"answer":1}', 'null', '[]'])(
    'with the body %j is a bad response that may be billed',
    async (body) => {
      const { options } = answering(() => new Response(body));
      expect(await failure(options)).toMatchObject({ kind: 'bad-response', billing: 'maybe-billed', status: 200 });
    },
  );

  it('larger than the limit is a bad response that may be billed', async () => {
    const { options } = answering(() => new Response(new Uint8Array(MAX_ANSWER_BYTES + 1)));
    expect(await failure(options)).toMatchObject({ kind: 'bad-response', billing: 'maybe-billed' });
  });

  it('that does not unpack may be billed', async () => {
    const broken = new ReadableStream({ pull: () => Promise.reject(new TypeError('Decompression failed')) });
    const { options } = answering(() => new Response(broken));
    expect(await failure(options)).toMatchObject({ kind: 'retryable', billing: 'maybe-billed' });
  });

  it('cut short may be billed and can be tried again', async () => {
    const cut = new ReadableStream({
      pull: () => Promise.reject(new TypeError('terminated', { cause: { code: 'UND_ERR_SOCKET' } })),
    });
    const { options } = answering(() => new Response(cut));
    expect(await failure(options)).toMatchObject({
      kind: 'retryable',
      billing: 'maybe-billed',
      retry: 'same-provider',
    });
  });
});

describe('a connection', () => {
  const fetchFailed = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) });
  const timeout = new DOMException('late', 'TimeoutError');

  it.each([
    ['reset', fetchFailed('ECONNRESET'), 'retryable', 'maybe-billed'],
    ['lost in workerd', new Error('Network connection lost.'), 'retryable', 'maybe-billed'],
    ['to an unknown name', fetchFailed('ENOTFOUND'), 'retryable', 'not-billed'],
    ['that a credential cannot travel on', new TypeError('Invalid header value.'), 'auth', 'not-billed'],
    ['to no address', fetchFailed('ERR_INVALID_URL'), 'auth', 'not-billed'],
    ['that the runtime timed out', fetchFailed('UND_ERR_HEADERS_TIMEOUT'), 'timeout', 'maybe-billed'],
    ['that a signal of the runtime timed out', timeout, 'timeout', 'maybe-billed'],
  ])('%s', async (_name, thrown, kind, billing) => {
    expect(await failure(failing(thrown))).toMatchObject({ kind, billing, cause: thrown });
  });

  it('refused by a real socket costs nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const options = { ...answeringJson({}).options, fetch };
    const refused = await failure(options, {}, `http://127.0.0.1:${port}/chat`);
    expect(refused).toMatchObject({ kind: 'retryable', billing: 'not-billed' });
  });

  it.each([
    ['canceled', undefined],
    ['timeout', timeout],
  ])('%s after sending may be billed, before sending it is not tried', async (kind, reason) => {
    const controller = new AbortController();
    const options = failing(new Error('whatever the runtime says'), controller.signal);
    const pending = failure(options);
    controller.abort(reason);
    expect(await pending).toMatchObject({ kind, billing: 'maybe-billed' });

    const { options: aborted, seen } = answering(() => Response.json({}), { abortSignal: controller.signal });
    expect(await failure(aborted)).toMatchObject({ kind, billing: 'not-billed' });
    expect(seen).toEqual([]);
  });
});

describe('an event stream', () => {
  const reducer: ChunkReducer = {
    accept: ({ data }) => [{ type: 'text-delta', text: data }],
    end: () => null,
    usage: () => ({ unified: undefined, raw: undefined }),
  };
  const request = (options: CallOptions) =>
    ({
      provider: 'openai',
      url: 'https://vendor.test/chat',
      headers: {},
      body: {},
      options,
      readFault: () => ({}),
    }) as const;
  const open = async (options: CallOptions) => ({ parts: await postStream({ ...request(options), reducer }) });

  it.each(['text/event-stream', 'Text/Event-Stream; charset=utf-8'])('of type %s is read', async (type) => {
    const parts = await collect(
      await open(answeringEvents(['data: a\n\n'], { headers: { 'content-type': type } }).options),
    );
    expect(parts).toMatchObject([{ text: 'a' }, { type: 'stream-error' }]);
  });

  it('without a type is taken for one', async () => {
    const { options } = answering(() => new Response(new TextEncoder().encode('data: a\n\n')));
    expect(await collect(await open(options))).toMatchObject([{ text: 'a' }, { type: 'stream-error' }]);
  });

  it.each(['text/html', 'application/json', 'text/event-stream-not'])('of type %s is refused', async (type) => {
    const { options } = answeringEvents(['data: a\n\n'], { headers: { 'content-type': type } });
    await expect(open(options)).rejects.toMatchObject({ kind: 'bad-response', billing: 'maybe-billed', status: 200 });
  });

  it('for a client of the vendor comes byte by byte, and can be read from a copy', async () => {
    const bytes = ': hi\r\n\r\ndata: a\n\nevent: ping\ndata: {}\n\n';
    const { body, read } = await postNativeStream({
      ...request(answeringEvents([bytes]).options),
      createReducer: () => reducer,
    });
    const [theirs, ours] = body.tee();
    expect(await new Response(theirs).text()).toBe(bytes);
    expect(await drain(read(ours.getReader()))).toMatchObject([
      { events: [{ data: 'a' }, { event: 'ping' }], parts: [{ text: 'a' }, { text: '{}' }] },
      { events: [], parts: [{ type: 'stream-error', error: { kind: 'upstream-cut' } }] },
    ]);
  });

  it('for a client of the vendor is refused as any other is', async () => {
    const createReducer = () => reducer;
    const failing = answeringJson({}, { status: 429 }).options;
    await expect(postNativeStream({ ...request(failing), createReducer })).rejects.toMatchObject({
      kind: 'rate-limited',
    });
    const html = answeringEvents(['<html>'], { headers: { 'content-type': 'text/html' } }).options;
    await expect(postNativeStream({ ...request(html), createReducer })).rejects.toMatchObject({ kind: 'bad-response' });
  });

  it('that the vendor refuses rejects as any request does', async () => {
    await expect(open(answeringJson({}, { status: 429 }).options)).rejects.toMatchObject({ kind: 'rate-limited' });
  });
});

describe('hints of the limits', () => {
  const names = { limit: 'x-limit', remaining: 'x-left', reset: 'x-reset' };
  const readRateLimitHints = (headers: Headers, now: number) => ({
    requests: readWindow(headers, names, now),
    tokens: null,
  });

  it.each([200, 429])('are told once, also with a %i, on the clock of the call', async (status) => {
    const told: unknown[] = [];
    const headers = { 'x-limit': '60', 'x-left': '0', 'x-reset': '2s' };
    const { options } = answeringJson({ answer: 'yes' }, { status, headers });
    const schema = z.unknown();
    const request = { provider: 'openai', url: 'https://vendor.test/chat', headers: {}, body: {}, schema } as const;
    const onRateLimitHints = (hints: unknown) => told.push(hints);
    const call = { ...request, readFault: () => ({}), readRateLimitHints, options: { ...options, onRateLimitHints } };
    await postJson(call).catch(() => {});
    expect(told).toEqual([{ requests: { limit: 60, remaining: 0, resetAt: NOW + 2_000 }, tokens: null }]);
  });
});
