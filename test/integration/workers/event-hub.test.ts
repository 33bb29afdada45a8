import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { EventHub } from '../../../durable-objects/event-hub/event-hub.ts';
import { eventHub, tenantGate } from '../../../durable-objects/stubs.ts';
import { ENDINGS, PING } from '../../../shared/contracts/event-socket.ts';
import { READER_HEADER } from '../../../shared/contracts/events.ts';
import { createLedgerPorts } from '../../../workers/ledger/ports.ts';
import { EventsReader } from '../../harness/events-reader.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { done } from '../../harness/send.ts';
import { askHub, HubSocket, openHubSocket, PlayedSender, readerWith, upTo } from '../../harness/told-events.ts';

/** A tenant whose configuration its objects know. */
async function mintReader(): Promise<TestTenant> {
  const tenant = await mintTenant({ scopes: ['events:read', 'policies:read'] });
  await done(tenant.headers, 'GET', '/v1/limits');
  return tenant;
}

const hubOf = ({ tenantId }: TestTenant, shard = 0) => eventHub(testEnv, tenantId, shard);
const arrived = (socket: HubSocket, count: number) =>
  eventually(
    async () => socket.sequences,
    ({ length }) => length >= count,
  );

/** Makes everything in a hub's window as old as this. */
const age = (tenant: TestTenant, ms: number) =>
  runInDurableObject(
    hubOf(tenant),
    (_hub, { storage }) => void storage.sql.exec('UPDATE window SET told_at = told_at - ?', ms),
  );

describe('a hub', () => {
  it('takes what is told twice once, and gives each event the next place', async () => {
    const tenant = await mintReader();
    const [one, other] = [new PlayedSender(tenant, 98), new PlayedSender(tenant, 99)];
    const again = await one.tell(3);
    await other.tell(2);
    await again();
    await one.tell(1);
    const socket = await openHubSocket(tenant, { cursor: 0 });
    expect(await arrived(socket, 6)).toEqual(upTo(6));
    expect(new Set(socket.events.map(({ id }) => id)).size).toBe(6);
  });

  it('control: what is told under other numbers is another event', async () => {
    const tenant = await mintReader();
    await new PlayedSender(tenant, 98).tell(3);
    await new PlayedSender(tenant, 97).tell(3);
    const socket = await openHubSocket(tenant, { cursor: 0 });
    expect(await arrived(socket, 6)).toEqual(upTo(6));
  });

  it('keeps events for an hour, and the newest ten thousand; who asks for older ones is told where it goes on', async () => {
    const tenant = await mintReader();
    const sender = new PlayedSender(tenant);
    for (let batch = 0; batch < 21; batch++) await sender.tell(500, 60);
    await runDurableObjectAlarm(hubOf(tenant));
    const before = await openHubSocket(tenant, { cursor: 0, filters: {} });
    await eventually(
      async () => before.words,
      ({ length }) => length > 0,
    );
    expect(before.words).toEqual(['ready']); // control: all of it is there
    await age(tenant, 3_600_000);
    await runDurableObjectAlarm(hubOf(tenant));
    const socket = await openHubSocket(tenant, { cursor: 3 });
    const [first = 0] = await arrived(socket, 10_000);
    expect(socket.words).toEqual(['ready', 'reset']);
    expect(socket.messages).toContainEqual({ type: 'reset', sequence: first - 1 });
    expect(socket.sequences).toEqual(upTo(10_500, first));
    expect(first).toBeLessThanOrEqual(501);
    expect(first).toBeGreaterThan(1);
  });

  it('answers a cursor of the future with a reset', async () => {
    const tenant = await mintReader();
    const sender = new PlayedSender(tenant);
    await sender.tell(2);
    const socket = await openHubSocket(tenant, { cursor: 7 });
    await sender.tell(1);
    expect(await arrived(socket, 1)).toEqual([3]);
    expect(socket.words).toEqual(['ready', 'reset']);
  });

  it.each<[string, (tenant: TestTenant) => Promise<unknown>]>([
    ['is evicted', (tenant) => evictDurableObject(hubOf(tenant))],
    [
      'is evicted again and again',
      async (tenant) => {
        await evictDurableObject(hubOf(tenant));
        await runDurableObjectAlarm(hubOf(tenant));
        await evictDurableObject(hubOf(tenant));
      },
    ],
  ])('R8: has its sockets, what they chose and who they are of when it %s', async (_name, sleep) => {
    const tenant = await mintReader();
    const sender = new PlayedSender(tenant);
    const all = await openHubSocket(tenant);
    const none = await openHubSocket(tenant, { filters: { default: { types: ['task'] } } });
    await sender.tell(2);
    expect(await arrived(all, 2)).toEqual([1, 2]);
    await sleep(tenant);
    await sender.tell(2);
    expect(await arrived(all, 4)).toEqual(upTo(4));
    expect(none.sequences).toEqual([]);
    none.send({ type: 'subscribe', id: 'alerts', types: ['alert'] });
    await eventually(
      async () => none.words,
      (words) => words.includes('subscribed'),
    );
    await sleep(tenant);
    await sender.tell(1);
    expect(await arrived(none, 1)).toEqual([5]);
    await sleep(tenant);
    const gate = tenantGate(testEnv, tenant.tenantId);
    const known = await gate.snapshot(-1);
    if (known.state !== 'newer') throw new Error('the gate has no configuration');
    const { configVersion } = known.snapshot;
    await gate.publish({ ...known.snapshot, configVersion: configVersion + 1, apiKeys: [] }); // the key is revoked
    for (const socket of [all, none]) {
      expect(
        await eventually(
          async () => socket.closed,
          (closed) => closed !== null,
        ),
      ).toEqual({ code: ENDINGS.unauthenticated });
      expect(socket.words.at(-1)).toBe('end unauthenticated');
    }
  });

  it('R7: sends a reader that acknowledges nothing no more than a megabyte, and the others everything', async () => {
    const tenant = await mintReader();
    const sender = new PlayedSender(tenant);
    const slow = await openHubSocket(tenant, { via: 'relayed' });
    const fast = await openHubSocket(tenant, { via: 'relayed' });
    const deaf = await openHubSocket(tenant); // a client that does not know of acknowledgements
    slow.acknowledges = false;
    deaf.acknowledges = false;
    for (let batch = 0; batch < 20; batch++) {
      await sender.tell(100, 1_000);
      await arrived(fast, (batch + 1) * 100);
    }
    expect(fast.sequences).toEqual(upTo(2_000));
    expect(fast.length).toBeGreaterThan(2_000_000); // control: so much there is
    expect(slow.length).toBeLessThan(1_000_000);
    expect(slow.length).toBeGreaterThan(400_000);
    expect(
      await eventually(
        async () => deaf.closed,
        (closed) => closed !== null,
      ),
    ).toEqual({ code: ENDINGS.slow_reader });
    const rest = await openHubSocket(tenant, { cursor: deaf.sequences.at(-1) ?? 0 });
    await arrived(rest, 2_000 - deaf.sequences.length);
    expect([...deaf.sequences, ...rest.sequences]).toEqual(upTo(2_000)); // it goes on where it was
    await evictDurableObject(hubOf(tenant)); // and is not forgiven by it
    await sender.tell(1);
    const before = slow.sequences.length;
    slow.acknowledges = true;
    slow.send({ type: 'ack', sequence: slow.sequences.at(-1) ?? 0 });
    await arrived(slow, 2_001);
    expect(slow.sequences).toEqual(upTo(2_001));
    expect(before).toBeLessThan(1_000);
  });

  it('answers what clients send: pings asleep, choices, and nonsense with an error', async () => {
    const tenant = await mintReader();
    const sender = new PlayedSender(tenant);
    const socket = await openHubSocket(tenant, { filters: {} });
    await sender.tell(2);
    socket.send(PING);
    socket.send('{"type":"ping" }'); // another text, which the hub itself answers
    socket.send('{');
    socket.send(new ArrayBuffer(3));
    socket.send({ type: 'subscribe', id: 'a', types: ['alert'], cursor: 1 });
    socket.send({ type: 'subscribe', id: 'b', cursor: 0 });
    for (const id of upTo(8)) socket.send({ type: 'subscribe', id: `n${id}`, types: ['task'] });
    socket.send({ type: 'unsubscribe', id: 'a' });
    await eventually(
      async () => socket.words,
      (words) => words.includes('unsubscribed'),
    );
    const answers = [
      'pong',
      'error invalid_message',
      'error invalid_message',
      'subscribed',
      'error cursor_not_possible',
    ];
    expect(socket.words.toSorted()).toEqual(
      [
        'ready',
        'pong',
        ...answers,
        ...Array(7).fill('subscribed'),
        'error too_many_subscriptions',
        'unsubscribed',
      ].toSorted(),
    );
    expect(socket.sequences).toEqual([2]);
    await sender.tell(1);
    socket.send({ type: 'subscribe', id: 'n1' });
    await eventually(
      async () => socket.words.length,
      (length) => length === 16,
    );
    await sender.tell(1);
    expect(await arrived(socket, 2)).toEqual([2, 4]);
  });

  it('holds a reader to its environment', async () => {
    const tenant = await mintReader();
    const { environmentId: within } = tenant;
    const socket = await openHubSocket(tenant, { within, filters: { default: { environmentId: within } } });
    socket.send({ type: 'subscribe', environmentId: crypto.randomUUID() });
    socket.send({ type: 'subscribe' });
    await eventually(
      async () => socket.words,
      ({ length }) => length === 3,
    );
    expect(socket.words).toEqual(['ready', 'error environment_mismatch', 'subscribed']);
    await new PlayedSender(tenant).tell(1); // of no environment
    const all = await openHubSocket(tenant, { cursor: 0 });
    expect(await arrived(all, 1)).toEqual([1]);
    expect(socket.sequences).toEqual([]);
  });

  it('R8: closes a socket whose message is too long, and one that floods it', async () => {
    const tenant = await mintReader();
    const [long, flood, calm] = [await openHubSocket(tenant), await openHubSocket(tenant), await openHubSocket(tenant)];
    long.send(`{"type":"ping","x":"${'x'.repeat(5_000)}"}`);
    for (let sent = 0; sent < 10_000; sent++) flood.send('{"type":"ping" }');
    for (let sent = 0; sent < 50; sent++) calm.send('{"type":"ping" }'); // control: so many it may
    expect(
      await eventually(
        async () => long.closed,
        (closed) => closed !== null,
      ),
    ).toEqual({ code: ENDINGS.too_large });
    expect(
      await eventually(
        async () => flood.closed,
        (closed) => closed !== null,
      ),
    ).toEqual({ code: ENDINGS.flood });
    await eventually(
      async () => calm.words,
      ({ length }) => length === 51,
    );
    expect(calm.words).toEqual(['ready', ...Array(50).fill('pong')]);
  });

  it('sends readers beyond what it holds to shards, which miss and double nothing, asleep or not', async () => {
    const tenant = await mintReader();
    const sender = new PlayedSender(tenant);
    await sender.tell(3);
    const open = async (cursor: number | null) => {
      for (let shard = 0; ; ) {
        const opened = await askHub(tenant, readerWith(tenant, { cursor }), {
          shard,
          mostInOne: 2,
          mostConnections: 7,
        });
        if (opened instanceof HubSocket || opened.kind !== 'elsewhere') return { shard, opened };
        ({ shard } = opened);
      }
    };
    const sockets: { readonly shard: number; readonly opened: HubSocket }[] = [];
    for (let socket = 0; socket < 7; socket++) {
      const { shard, opened } = await open(socket % 2 === 0 ? 0 : null);
      if (!(opened instanceof HubSocket)) throw new Error(JSON.stringify(opened));
      sockets.push({ shard, opened });
      await sender.tell(1);
    }
    expect(sockets.map(({ shard }) => shard)).toEqual([0, 0, 1, 1, 2, 2, 3]);
    expect((await open(null)).opened).toEqual({ kind: 'full' });
    for (const shard of [0, 1, 2, 3]) await evictDurableObject(hubOf(tenant, shard));
    await sender.tell(5);
    for (const [at, { opened }] of sockets.entries()) {
      const first = at % 2 === 0 ? 1 : 4 + at;
      expect(await arrived(opened, 15 - first + 1)).toEqual(upTo(15, first));
    }
    for (const { shard, opened } of sockets) if (shard === 2) opened.socket.close();
    await eventually(
      () => runInDurableObject(hubOf(tenant, 2), (_hub, state) => state.getWebSockets().length),
      (n) => n === 0,
    );
    await sender.tell(2);
    const shards = () =>
      runInDurableObject(hubOf(tenant), (_hub, { storage }) => storage.sql.exec('SELECT shard FROM shards').toArray());
    expect(await eventually(shards, ({ length }) => length === 2)).toEqual([{ shard: 1 }, { shard: 3 }]);
    const back = await open(15);
    expect(back.shard).toBe(2);
    if (back.opened instanceof HubSocket) expect(await arrived(back.opened, 2)).toEqual([16, 17]);
  });

  it('counts, on a shard, a reader that is on its way, so that its root goes on sending', async () => {
    const tenant = await mintReader();
    const sockets = await runInDurableObject(hubOf(tenant, 1), async (hub: EventHub) => {
      const relay = async () => (await hub.relay({ events: [], first: 1, last: 0, configVersion: -1 })).sockets;
      const before = await relay();
      const asked = { reader: readerWith(tenant), mostInOne: 5, mostConnections: 5 };
      const opening = hub.fetch(new Request('https://hub/', { headers: { [READER_HEADER]: JSON.stringify(asked) } }));
      const during = await relay();
      const { status } = await opening;
      return { before, during, status, after: await relay() };
    });
    expect(sockets).toEqual({ before: 0, during: 1, status: 101, after: 1 });
  });

  it('ends a connection that has lived as long as it may', async () => {
    const tenant = await mintReader();
    const [short, long] = [await openHubSocket(tenant, { until: Date.now() + 100 }), await openHubSocket(tenant)];
    await eventually(
      async () => short.closed,
      (closed) => closed !== null,
    );
    expect([short.closed, short.words.at(-1)]).toEqual([{ code: ENDINGS.lifetime }, 'end lifetime']);
    expect(long.closed).toBeNull(); // control
  });

  it('forgets everything of a tenant that is erased', async () => {
    const tenant = await mintReader();
    await new PlayedSender(tenant).tell(3);
    const socket = await openHubSocket(tenant);
    const tables = () =>
      runInDurableObject(hubOf(tenant), (_hub, { storage }) =>
        storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'window'").toArray(),
      );
    expect(await tables()).toHaveLength(1); // control
    await createLedgerPorts({ ...testEnv, DATABASE_URL: testEnv.LEDGER_DATABASE_URL }).eraseEvents(tenant.tenantId);
    expect(await tables()).toEqual([]);
    expect(
      await eventually(
        async () => socket.closed,
        (closed) => closed !== null,
      ),
    ).toEqual({ code: ENDINGS.unavailable });
  });
});

describe('a gate', () => {
  const recorded = async (tenant: TestTenant, from?: { sender: number; sequences: number[] }) =>
    tenantGate(testEnv, tenant.tenantId).record(
      [1, 2].map((revision) => JSON.stringify(aTask(tenant, revision))),
      from,
    );
  const taskId = crypto.randomUUID();
  const aTask = ({ environmentId }: TestTenant, revision: number) => ({
    ...{ type: 'task.recorded', taskId, revision, environmentId, apiKeyId: null, userId: null, batchId: null },
    ...{ taskType: 'chat', status: 'queued', priority: 0, input: 'hello', metadata: {}, traceId: 'f'.repeat(32) },
    ...{ createdAt: 1, updatedAt: 1, runAfter: 1, deadlineAt: 2, endedAt: null, maxAttempts: 3, failure: null },
    ...{ costPicoUsd: null, executions: [] },
  });

  it('takes what a runner tells it twice once', async () => {
    const tenant = await mintReader();
    const socket = await openHubSocket(tenant);
    await recorded(tenant, { sender: 3, sequences: [1, 2] });
    await recorded(tenant, { sender: 3, sequences: [2, 3] }); // of which it has the first
    expect((await arrived(socket, 3)).length).toBe(3);
    await recorded(tenant, { sender: 3, sequences: [3, 4] });
    expect(await arrived(socket, 4)).toEqual(upTo(4));
  });

  it('control: a runner of an earlier release is taken at its word, under the same ids', async () => {
    const tenant = await mintReader();
    const socket = await openHubSocket(tenant);
    await recorded(tenant);
    await recorded(tenant);
    expect(await arrived(socket, 4)).toEqual(upTo(4));
    expect(new Set(socket.events.map(({ id }) => id)).size).toBe(2);
  });

  it('tells its hub what it could not tell before, in order and once', async () => {
    const tenant = await mintReader();
    const gate = tenantGate(testEnv, tenant.tenantId);
    await recorded(tenant, { sender: 1, sequences: [1, 2] });
    await evictDurableObject(gate); // before it has told of it, or after: who knows
    await recorded(tenant, { sender: 2, sequences: [1, 2] });
    await abortAllDurableObjects();
    const socket = await openHubSocket(tenant, { cursor: 0 });
    await eventually(
      async () => {
        await runDurableObjectAlarm(tenantGate(testEnv, tenant.tenantId));
        return socket.sequences;
      },
      ({ length }) => length >= 4,
    );
    expect(socket.sequences).toEqual(upTo(4));
    expect(socket.events.map(({ id }) => id.slice(-1))).toEqual(['1', '2', '1', '2']);
  });
});

describe('a stream of events', () => {
  it('ends where there is no more to read, if it is asked to', async () => {
    const tenant = await mintReader();
    await new PlayedSender(tenant).tell(3);
    const reader = await EventsReader.open(tenant.headers, '?follow=false&cursor=1');
    expect((await reader.rest()).map(({ id, event }) => [id, event])).toEqual([
      ['2', 'alert.fired'],
      ['3', 'alert.fired'],
      ['3', 'end'],
    ]);
  });

  it('R5: goes on after its last event, 100 times, without a gap and without a double', async () => {
    const tenant = await mintReader();
    const sender = new PlayedSender(tenant);
    const seen: number[] = [];
    let lastId = '0';
    for (let drop = 0; drop < 100; drop++) {
      const reader = await EventsReader.open({ ...tenant.headers, 'last-event-id': lastId });
      await sender.tell(3);
      await sender.tell(2);
      for (const { sequence } of await reader.take(1 + (drop % 5))) {
        seen.push(sequence);
        lastId = String(sequence);
      }
      await reader.leave();
    }
    const rest = await EventsReader.open({ ...tenant.headers, 'last-event-id': lastId });
    for (const { sequence } of await rest.take(500 - seen.length)) seen.push(sequence);
    expect(seen).toEqual(upTo(500));
    await rest.leave();
  });

  it('R5, control: one that does not say where it was misses what came meanwhile', async () => {
    const tenant = await mintReader();
    const sender = new PlayedSender(tenant);
    const reader = await EventsReader.open(tenant.headers);
    await sender.tell(1);
    await reader.take(1);
    await reader.leave();
    await sender.tell(1);
    const back = await EventsReader.open(tenant.headers);
    await sender.tell(1);
    expect((await back.take(1)).map(({ sequence }) => sequence)).toEqual([3]);
    await back.leave();
  });

  it('does not notice that its hub was reset', async () => {
    const tenant = await mintReader();
    const sender = new PlayedSender(tenant);
    const reader = await EventsReader.open(tenant.headers);
    await sender.tell(2);
    expect((await reader.take(2)).map(({ sequence }) => sequence)).toEqual([1, 2]);
    for (let reset = 0; reset < 3; reset++) {
      await abortAllDurableObjects(); // as when its code is replaced: sockets break
      await sender.tell(2);
      const taken = await reader.take(2);
      expect(taken.map(({ sequence }) => sequence)).toEqual([3 + 2 * reset, 4 + 2 * reset]);
    }
    await reader.leave();
  });
});
