import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ServerMessage } from '../../../shared/contracts/event-socket.ts';
import type { Reader } from '../../../shared/contracts/events.ts';
import { CONNECTION_IDLE_MS } from '../../../shared/domain/events/constants.ts';
import { ok } from '../../../shared/errors/result.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { EventWriter } from '../pipeline/event-writer.ts';
import { EventRelay } from './event-relay.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A hub's end of a socket. */
class PlayedHub extends EventTarget {
  readonly heard: string[] = [];

  accept(): void {}

  close(): void {}

  send(text: string): void {
    this.heard.push(text);
  }

  say(message: { readonly type: ServerMessage['type']; readonly [field: string]: unknown }): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  break(): void {
    this.dispatchEvent(new Event('close'));
  }
}

const READER: Reader = {
  ...{ v: 1, actor: { kind: 'user', userId: crypto.randomUUID() }, via: 'relayed', filters: { default: {} } },
  ...{ within: null, cursor: 3, follows: true, until: 10_000_000_000_000 },
};

/** A stream that a client reads, and the hub that it is of. */
function relay() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, {
    highWaterMark: 0,
  });
  const hubs = [new PlayedHub()];
  const reopened: (number | null)[] = [];
  const asSocket = (hub: PlayedHub) => hub as unknown as WebSocket; // as far as it is used
  const now = () => Date.now();
  const relay = new EventRelay(asSocket(hubs[0] ?? new PlayedHub()), {
    ...{ reader: READER, now, logger: createLogger({ service: 'test', level: 'error', write: () => {} }) },
    writer: new EventWriter(writable, now, () => {}),
    reopen: async ({ cursor }) => {
      reopened.push(cursor);
      const hub = new PlayedHub();
      hubs.push(hub);
      return ok(asSocket(hub));
    },
  });
  const ended = relay.run();
  const reader = readable.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let isReading = false;
  const readOn = async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  };
  /** Begins to read; answers what has come, comments aside. */
  const read = async () => {
    if (!isReading) void readOn();
    isReading = true;
    await vi.advanceTimersByTimeAsync(100);
    return text.replaceAll(': keep-alive\n\n', '');
  };
  return { hubs, reopened, ended, read };
}

const event = (sequence: number) => ({ type: 'alert.fired', sequence });
const eventText = (sequence: number) =>
  `id: ${sequence}\nevent: alert.fired\ndata: ${JSON.stringify(event(sequence))}\n\n`;

it('R7: ends where nothing came for half an hour, and only there', async () => {
  const { hubs, ended, read } = relay();
  await read();
  hubs[0]?.say({ type: 'ready', sequence: 3 });
  await vi.advanceTimersByTimeAsync(CONNECTION_IDLE_MS - 60_000);
  hubs[0]?.say({ type: 'events', events: [event(4)] });
  await vi.advanceTimersByTimeAsync(CONNECTION_IDLE_MS - 60_000);
  expect(await read()).toMatch(/id: 4\n.*\n.*\n\n$/); // control
  await vi.advanceTimersByTimeAsync(120_000);
  expect(await ended).toBe('idle');
  expect(await read()).toMatch(/event: end\ndata: {"reason":"idle","sequence":4}\n\n$/);
});

it('R7: acknowledges what the client has taken, and not before', async () => {
  const { hubs, read } = relay();
  hubs[0]?.say({ type: 'events', events: [event(4)], ackAfter: 4 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(hubs[0]?.heard).toEqual([]);
  await read();
  expect(hubs[0]?.heard).toEqual(['{"type":"ack","sequence":4}']);
});

it('opens a hub that is lost again at the last event, and writes none twice', async () => {
  const { hubs, reopened, read } = relay();
  hubs[0]?.say({ type: 'ready', sequence: 3 });
  hubs[0]?.say({ type: 'events', events: [event(4), event(5)] });
  await read();
  hubs[0]?.break();
  await read();
  expect(reopened).toEqual([5]);
  hubs[1]?.say({ type: 'ready', sequence: 5 });
  hubs[1]?.say({ type: 'events', events: [event(5), event(6)] });
  const [, ...blocks] = (await read()).split(/(?<=\n\n)/); // the first says when to come back
  expect(blocks).toEqual(['id: 3\n\n', ...[4, 5, 6].map(eventText)]);
});
