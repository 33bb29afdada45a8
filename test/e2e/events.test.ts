import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { ENDINGS, type ServerMessage, serverMessage } from '../../shared/contracts/event-socket.ts';
import { type PublicEvent, publicEvent } from '../../shared/contracts/events.ts';
import { type CuttingProxy, startCuttingProxy } from '../harness/cutting-proxy.ts';
import { eventually } from '../harness/eventually.ts';
import { startNarrowProxy } from '../harness/narrow-proxy.ts';
import { type DevFile, dataFolder, orchestrate, type Product, startProduct } from '../harness/product.ts';

const CUTS = 100;
/** So many that their events are more than two megabytes; of random text, since a WebSocket is compressed. */
const [REQUESTS, METADATA_LENGTH] = [300, 4_000];
const TYPES = ['task.created', 'task.updated', 'request.started', 'request.completed', 'alert.fired', 'reset', 'end'];

const folder = dataFolder();
let product: Product;
let dev: DevFile;
let proxy: CuttingProxy;

beforeAll(async () => {
  product = await startProduct(folder.path);
  ({ dev } = product);
  proxy = await startCuttingProxy(Number(new URL(dev.baseUrl).port));
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await product[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const headersOf = () => ({ 'x-api-key': dev.apiKey, 'x-tenant-id': dev.tenantId });

/** Makes a request of a model: two events, each of which says what was said of it. */
async function ask(metadata: object = {}): Promise<void> {
  const response = await orchestrate(dev, { input: 'hello', metadata });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

/** The newest place, as a stream that follows nothing says it. */
async function newest(): Promise<number> {
  const response = await fetch(`${dev.baseUrl}/v1/events?follow=false`, { headers: headersOf() });
  return Number(/^id: (\d+)$/m.exec(await response.text())?.[1]);
}

/** An EventSource as it is published, with the headers that a browser's cannot send. */
function follow(port: number) {
  const seen: string[] = [];
  const source = new EventSource(`http://127.0.0.1:${port}/v1/events`, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headersOf() } }),
  });
  for (const type of TYPES) source.addEventListener(type, ({ lastEventId }) => seen.push(`${lastEventId} ${type}`));
  return { source, seen, sequences: () => seen.map((each) => Number.parseInt(each, 10)) };
}

/** One connection of `ws`, and what came over it; it acknowledges nothing unless it is to. */
function listen(port: number, cursor: number | null, { acknowledges = false } = {}) {
  const events: PublicEvent[] = [];
  const words: ServerMessage[] = [];
  const came = { bytes: 0 };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/events/ws${cursor === null ? '' : `?cursor=${cursor}`}`, {
    headers: headersOf(),
  });
  socket.on('error', () => {}); // it is cut
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('message', (data) => {
    const text = String(data);
    came.bytes += text.length;
    const message = serverMessage.parse(JSON.parse(text));
    if (message.type !== 'events') {
      words.push(message);
      return;
    }
    events.push(...message.events.map((event) => publicEvent.parse(event)));
    if (acknowledges && message.ackAfter !== undefined) {
      socket.send(JSON.stringify({ type: 'ack', sequence: message.ackAfter }));
    }
  });
  return { socket, events, words, closed, came };
}

const from = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);

describe('the public clients', () => {
  it(`R5: ws goes on where it was, ${CUTS} times cut off, and misses and doubles nothing`, async () => {
    const begin = await newest();
    const seen: number[] = [];
    let cursor = begin;
    for (let cut = 0; cut < CUTS; cut++) {
      const { events, closed } = listen(proxy.port, cursor);
      void ask();
      await eventually(
        async () => events.length,
        (count) => count > 0,
      );
      proxy.cut();
      await closed;
      for (const { sequence } of events) seen.push(sequence);
      cursor = seen.at(-1) ?? cursor;
    }
    const { socket, events } = listen(proxy.port, cursor);
    await eventually(
      async () => seen.length + events.length,
      (count) => count >= 2 * CUTS,
    );
    for (const { sequence } of events) seen.push(sequence);
    socket.close();
    expect(seen).toEqual(from(begin + 1, 2 * CUTS));
    expect(proxy.connections()).toBeGreaterThanOrEqual(CUTS); // control: it was cut off
  });

  it('EventSource does so by itself', async () => {
    const begin = await newest();
    const { source, seen, sequences } = follow(proxy.port);
    await eventually(
      async () => source.readyState,
      (state) => state === EventSource.OPEN,
    );
    for (let cut = 0; cut < 3; cut++) {
      await ask();
      await eventually(
        async () => seen.length,
        (count) => count >= 4 * cut + 2,
      );
      proxy.cut();
      await ask(); // while it is away
      await eventually(
        async () => seen.length,
        (count) => count >= 4 * cut + 4,
      );
    }
    source.close();
    expect(sequences()).toEqual(from(begin + 1, 12));
    expect(seen.filter((each) => /reset|end/.test(each))).toEqual([]);
  });

  it('and when the runtime dies and is started again', async () => {
    const begin = await newest();
    const { source, seen, sequences } = follow(Number(new URL(dev.baseUrl).port));
    await eventually(
      async () => source.readyState,
      (state) => state === EventSource.OPEN,
    );
    await ask();
    await eventually(
      async () => seen.length,
      (count) => count >= 2,
    );
    process.kill(Number(readFileSync(join(folder.path, 'run/workerd.pid'), 'utf8')), 'SIGKILL');
    const isServed = () =>
      ask().then(
        () => true,
        () => false,
      );
    await eventually(isServed, Boolean);
    const last = await eventually(newest, (place) => place >= begin + 4);
    await eventually(
      async () => sequences().at(-1),
      (sequence) => sequence === last,
    );
    source.close();
    expect(sequences()).toEqual(from(begin + 1, last - begin));
    expect(last - begin).toBeGreaterThanOrEqual(4);
  });

  it('R7: one that reads 1 kB/s is sent less than a megabyte, is ended, and goes on later; nobody waits for it', async () => {
    const begin = await newest();
    await using narrow = await startNarrowProxy(Number(new URL(dev.baseUrl).port), 1_000);
    const slow = listen(narrow.port, begin);
    const slowStream = follow(narrow.port);
    const fast = listen(proxy.port, begin, { acknowledges: true });
    await eventually(
      async () => [slow.words, fast.words].every(({ length }) => length > 0) && slowStream.source.readyState,
      (state) => state === EventSource.OPEN,
    );
    const all = from(begin + 1, 2 * REQUESTS);
    for (let at = 0; at < REQUESTS; at++) await ask({ x: randomBytes((METADATA_LENGTH * 3) / 4).toString('base64') });
    await eventually(
      async () => fast.events,
      ({ length }) => length >= all.length,
    );
    expect(fast.events.map(({ sequence }) => sequence)).toEqual(all);
    expect(fast.came.bytes).toBeGreaterThan(2_000_000); // control: so much there was, for who acknowledges it
    expect(slow.came.bytes).toBeLessThan(100_000); // control: it is slow
    narrow.widen();
    expect(await slow.closed).toBe(ENDINGS.slow_reader);
    expect(slow.words.at(-1)).toMatchObject({ type: 'end', reason: 'slow_reader' });
    expect(slow.came.bytes).toBeLessThan(1_000_000);
    const rest = listen(proxy.port, slow.events.at(-1)?.sequence ?? begin, { acknowledges: true });
    await eventually(
      async () => slow.events.length + rest.events.length,
      (count) => count >= all.length,
    );
    expect([...slow.events, ...rest.events].map(({ sequence }) => sequence)).toEqual(all);
    await eventually(
      async () => slowStream.seen.length,
      (count) => count >= all.length,
    );
    expect(slowStream.sequences()).toEqual(all);
    slowStream.source.close();
    for (const { socket } of [fast, rest]) socket.close();
  });

  it('are told of a task that is created, as the README shows it', async () => {
    const { socket, events, words } = listen(proxy.port, null);
    await eventually(
      async () => words,
      ({ length }) => length > 0,
    );
    const response = await fetch(`${dev.baseUrl}/v1/tasks`, {
      ...{ method: 'POST', headers: { ...headersOf(), 'content-type': 'application/json' } },
      body: JSON.stringify({ input: 'Say hello.' }),
    });
    const { id } = (await response.json()) as { readonly id: string };
    const ofTask = () => events.filter(({ data }) => 'taskId' in data && data.taskId === id);
    await eventually(
      async () => ofTask(),
      ({ length }) => length >= 5,
    );
    expect(
      ofTask()
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual([...['request.completed', 'request.started', 'task.created', 'task.updated', 'task.updated']]);
    expect(ofTask().find(({ data }) => 'status' in data && data.status === 'succeeded')).toBeDefined();
    socket.send('{"type":"ping"}');
    await eventually(
      async () => words.at(-1)?.type,
      (type) => type === 'pong',
    );
    expect(words.at(-1)).toEqual({ type: 'pong' });
    socket.close();
  });
});
