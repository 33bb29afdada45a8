import { expect, it } from 'vitest';
import { ENDINGS } from '../../shared/contracts/event-socket.ts';
import type { Reader } from '../../shared/contracts/events.ts';
import { Connections } from './connections.ts';

const READER: Reader = {
  ...{ v: 1, actor: { kind: 'user', userId: crypto.randomUUID() }, via: 'direct', filters: { default: {} } },
  ...{ within: null, cursor: null, follows: true, until: 10_000_000 },
};

/** A socket that keeps what it was sent, and is as forgetful as a hub that sleeps. */
class PlayedSocket {
  readonly sent: { readonly type: string; readonly ackAfter?: number; readonly events?: readonly object[] }[] = [];
  code: number | null = null;
  attachment: unknown = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code: number): void {
    this.code = code;
  }

  serializeAttachment(value: unknown): void {
    this.attachment = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return this.attachment;
  }
}

/** Readers of a hub whose clock is the test's. */
function play() {
  const clock = { now: 1_000 };
  const pings = new Map<unknown, number>();
  const sockets: PlayedSocket[] = [];
  const make = (sent: number, known: readonly WebSocket[] = []) =>
    new Connections(sent, {
      sockets: () => [...known],
      read: (after) => ({ events: [], first: after + 1, last: after }),
      pingedAt: (socket) => (pings.has(socket) ? new Date(pings.get(socket) ?? 0) : null),
      now: () => clock.now,
      wait: async () => {},
      onWaited: () => {},
      onFailure: (error) => {
        throw error;
      },
    });
  const connections = make(0);
  const add = (more: Partial<Reader> = {}) => {
    const socket = new PlayedSocket();
    sockets.push(socket);
    connections.add(socket as unknown as WebSocket, { ...READER, ...more }); // as far as it is used
    return socket;
  };
  const push = (count: number, bytes = 1_000) =>
    connections.push(
      Array.from({ length: count }, () => JSON.stringify({ type: 'alert.fired', x: 'x'.repeat(bytes) })),
    );
  return { clock, pings, connections, add, push, make };
}

const endOf = ({ code, sent }: PlayedSocket) => ({ code, last: sent.at(-1) });

it('R7: a reader that owes an acknowledgement is sent no more, and is ended after a minute', () => {
  const { clock, connections, add, push } = play();
  const [slow, fast] = [add({ via: 'relayed' }), add({ via: 'relayed' })];
  for (let batch = 0; batch < 20; batch++) {
    push(100);
    for (const { ackAfter } of fast.sent.slice(-3)) {
      if (ackAfter) connections.hear(fast as unknown as WebSocket, JSON.stringify({ type: 'ack', sequence: ackAfter }));
    }
    clock.now += 1_000;
  }
  const taken = (socket: PlayedSocket) => socket.sent.reduce((sum, { events = [] }) => sum + events.length, 0);
  expect(taken(fast)).toBe(2_000);
  expect(taken(slow)).toBeLessThan(700);
  clock.now = 1_000 + 60_000;
  connections.look(() => null);
  expect(slow.code).toBeNull(); // it was asked for the first time after that
  clock.now += 20_000;
  connections.look(() => null);
  expect(endOf(slow)).toMatchObject({ code: ENDINGS.slow_reader, last: { type: 'end', reason: 'slow_reader' } });
  expect(fast.code).toBeNull();
});

it('a client that is not heard for half an hour is ended, one that pings is not', () => {
  const { clock, pings, connections, add } = play();
  const [gone, pinging, talking] = [add(), add(), add()];
  clock.now += 1_799_000;
  pings.set(pinging, clock.now);
  connections.hear(talking as unknown as WebSocket, '{"type":"ping"}');
  connections.look(() => null);
  expect([gone, pinging, talking].map(({ code }) => code)).toEqual([null, null, null]);
  clock.now += 1_000;
  connections.look(() => null);
  expect(endOf(gone)).toMatchObject({ code: ENDINGS.idle, last: { type: 'end', reason: 'idle' } });
  expect([pinging, talking].map(({ code }) => code)).toEqual([null, null]);
});

it('tells when the first of them is over', () => {
  const { connections, add } = play();
  add({ until: 5_000_000 });
  add({ until: 4_000_000 });
  expect(connections.endsFirst).toBe(4_000_000);
});

it('a reader that sleeps with its hub owes what it owed', () => {
  const { add, push, make, connections } = play();
  const slow = add({ via: 'relayed' });
  push(1_000);
  const before = slow.sent.length;
  const awake = make(connections.sent, [slow as unknown as WebSocket]);
  awake.push([JSON.stringify({ type: 'alert.fired' })]);
  expect(slow.sent.length).toBe(before);
});
