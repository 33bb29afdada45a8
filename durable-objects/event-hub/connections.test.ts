import { describe, expect, it } from 'vitest';
import { ENDINGS } from '../../shared/contracts/event-socket.ts';
import type { EventFilter } from '../../shared/contracts/events.ts';
import { PlayedReaders, type PlayedSocket } from '../../test/harness/played-readers.ts';
import { AT_ONCE } from './constants.ts';

const alerts = (count: number, length = 1_000, character = 'x') =>
  Array.from({ length: count }, () => ({ type: 'alert.fired', data: { x: character.repeat(length) } }));

const endOf = ({ code, sent }: PlayedSocket) => ({ code, last: sent.at(-1) });

it('R7: a reader that owes an acknowledgement is sent no more, and is ended after a minute', () => {
  const readers = new PlayedReaders();
  const [slow, fast] = [readers.add({ via: 'relayed' }), readers.add({ via: 'relayed' })];
  for (let batch = 0; batch < 20; batch++) {
    readers.push(alerts(100));
    for (const { ackAfter } of fast.sent.slice(-3)) {
      if (ackAfter) readers.hear(fast, { type: 'ack', sequence: ackAfter });
    }
    readers.now += 1_000;
  }
  expect(fast.sequences).toHaveLength(2_000);
  expect(slow.sequences.length).toBeLessThan(700);
  readers.now = 1_000 + 60_000;
  readers.hub.look(() => null);
  expect(slow.code).toBeNull(); // it was asked for the first time after that
  readers.now += 20_000;
  readers.hub.look(() => null);
  expect(endOf(slow)).toMatchObject({ code: ENDINGS.slow_reader, last: { type: 'end', reason: 'slow_reader' } });
  expect(fast.code).toBeNull();
});

it('R7: counts what a reader owes in bytes, of which a character may take three', () => {
  const readers = new PlayedReaders();
  const slow = readers.add({ via: 'relayed' });
  readers.push(alerts(1_000, 1_000, '漢')); // three megabytes
  const bytes = Buffer.byteLength(JSON.stringify(slow.sent));
  expect(bytes).toBeLessThan(1_000_000);
  expect(bytes).toBeGreaterThan(400_000);
});

it('a client that is not heard for half an hour is ended, one that pings is not', () => {
  const readers = new PlayedReaders();
  const [gone, pinging, talking] = [readers.add(), readers.add(), readers.add()];
  readers.now += 1_799_000;
  readers.pings.set(pinging, readers.now);
  readers.hear(talking, { type: 'ping' });
  readers.hub.look(() => null);
  expect([gone, pinging, talking].map(({ code }) => code)).toEqual([null, null, null]);
  readers.now += 1_000;
  readers.hub.look(() => null);
  expect(endOf(gone)).toMatchObject({ code: ENDINGS.idle, last: { type: 'end', reason: 'idle' } });
  expect([pinging, talking].map(({ code }) => code)).toEqual([null, null]);
});

it('tells when the first of them is over', () => {
  const readers = new PlayedReaders();
  readers.add({ until: 5_000_000 });
  readers.add({ until: 4_000_000 });
  expect(readers.hub.endsFirst).toBe(4_000_000);
});

it('a reader that sleeps with its hub owes what it owed', () => {
  const readers = new PlayedReaders();
  const slow = readers.add({ via: 'relayed' });
  readers.push(alerts(1_000));
  const before = slow.sent.length;
  readers.sleep();
  readers.push(alerts(1));
  expect(slow.sent.length).toBe(before);
});

it('a reader that says where to begin while it is being brought up is taken at its word', async () => {
  const readers = new PlayedReaders();
  readers.push(alerts(20));
  const reader = readers.add({ cursor: 0, filters: {} });
  readers.hear(reader, { type: 'subscribe', cursor: 15 });
  await readers.goOnToTheEnd();
  expect(reader.sequences).toEqual([16, 17, 18, 19, 20]);
});

describe('a round', () => {
  it('writes to so many readers at once, and to the others after a pause, with one message of all that came', async () => {
    const readers = new PlayedReaders();
    const sockets = Array.from({ length: 2 * AT_ONCE + 1 }, () => readers.add());
    const written = () => sockets.filter(({ sequences }) => sequences.length > 0).length;
    readers.push(alerts(1));
    expect(written()).toBe(AT_ONCE);
    readers.push(alerts(1));
    readers.push(alerts(1));
    await readers.goOn();
    expect(written()).toBe(2 * AT_ONCE);
    await readers.goOnToTheEnd();
    expect(sockets.map(({ sequences }) => sequences)).toEqual(sockets.map(() => [1, 2, 3]));
    expect(sockets.map(({ sent }) => sent.length)).toEqual(sockets.map(() => 3)); // ready, the first, the two that followed
  });

  it('has no part in what readers do while it lasts', async () => {
    const readers = new PlayedReaders();
    for (let count = 0; count < AT_ONCE; count++) readers.add();
    const [choosing, acknowledging, ended, gone] = [readers.add(), readers.add(), readers.add(), readers.add()];
    readers.push(alerts(2));
    const joining = readers.add();
    const resuming = readers.add({ cursor: 1 });
    readers.hear(choosing, { type: 'subscribe', types: ['task'] });
    readers.hear(acknowledging, { type: 'ack', sequence: 2 });
    expect(choosing.sent.map(({ type }) => type)).toEqual(['ready', 'events', 'subscribed']);
    for (const connection of readers.hub.all()) {
      if (connection.socket === (ended as unknown)) readers.hub.end(connection, 'lifetime');
    }
    expect(ended.sent.at(-1)).toEqual({ type: 'end', reason: 'lifetime', sequence: 0 });
    gone.close(1000);
    readers.push(alerts(1));
    await readers.goOnToTheEnd();
    expect([choosing, acknowledging, joining, resuming, ended, gone].map(({ sequences }) => sequences)).toEqual([
      ...[[1, 2], [1, 2, 3], [3], [2, 3], [], []],
    ]);
    expect(readers.hub.size).toBe(AT_ONCE + 4);
  });

  it('asks nobody whom an event does not concern', async () => {
    const readers = new PlayedReaders();
    let asked = 0;
    /** A filter that counts how often it is read. */
    const counting = (filter: EventFilter) => ({
      ...{ ...filter, types: undefined },
      get types() {
        asked += 1;
        return filter.types;
      },
    });
    const ask = async (filters: readonly EventFilter[]) => {
      const sockets = filters.map((filter) => readers.add({ filters: { default: counting(filter) as EventFilter } }));
      asked = 0;
      readers.push([{ type: 'task.created', environmentId: 'e', apiKeyId: 'k', data: { taskId: 'task-7' } }]);
      await readers.goOnToTheEnd();
      return sockets.filter(({ sequences }) => sequences.length > 0).length;
    };
    expect(await ask(Array.from({ length: 10_000 }, (_, at) => ({ taskId: `task-${at}` })))).toBe(1);
    expect(asked).toBe(1);
    const unnamed = (at: number): EventFilter => ({ types: ['alert'], environmentId: at % 2 === 0 ? 'e' : `e-${at}` });
    await ask(Array.from({ length: 100 }, (_, at) => unnamed(at)));
    expect(asked).toBe(2); // control: one group more is of the event's environment, and is asked for its types
  });
});
