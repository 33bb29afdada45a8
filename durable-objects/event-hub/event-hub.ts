import { DurableObject } from 'cloudflare:workers';
import { EVENT_HUB_MIGRATIONS } from '../../migrations/durable-objects/event-hub.ts';
import { refuseReader } from '../../shared/auth/refuse-reader.ts';
import { type Ending, PING, PONG } from '../../shared/contracts/event-socket.ts';
import {
  type EventBatch,
  type EventHubRpc,
  type EventPage,
  type HubAnswer,
  READER_HEADER,
  type ReaderRequest,
  type RelayedEvents,
  type RelayReply,
  readerRequest,
  type TakeReply,
  type Told,
} from '../../shared/contracts/events.ts';
import type { TenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import { toEvents } from '../../shared/domain/events/to-events.ts';
import { createLogger, type Logger } from '../../shared/platform/logger.ts';
import type { StateEnv } from '../env.ts';
import { migrate, schemaVersion } from '../runtime/migrate.ts';
import { eventHub, MOST_HUB_SHARDS, placeOf, tenantGate } from '../stubs.ts';
import type { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import { EXPIRE_MS, LOOK_MS, RECHECK_MS, RECHECKS, WINDOW_EVENTS, WINDOW_MS } from './constants.ts';
import { EventWindow } from './event-window.ts';
import { FanOut } from './fan-out.ts';

/**
 * A tenant's events in their one order, for a while, and those who read them. A shell of storage, sockets and alarm. What
 * its TenantGates tell is taken once, gets its place and is kept in one transaction, and sent behind it. Sockets hibernate:
 * the hub is in memory only while something happens.
 *
 * Beyond some thousands of readers it has shards beside it: objects of this class that hold readers and no window.
 *
 * An object that was told nothing and that nobody reads has no tables.
 */
export class EventHub extends DurableObject<StateEnv> implements EventHubRpc {
  readonly #window: EventWindow;
  readonly #logger: Logger;
  readonly #place: ReturnType<typeof placeOf>;
  #isKnown: boolean;
  #alarmAt: number | null = null;
  #connections: Connections | null = null;
  #fanOut: FanOut | null = null;
  #joining: Promise<number> | null = null;
  /** Readers that ask and are not among the sockets yet. */
  #arriving = 0;
  #snapshot: TenantSnapshot | null = null;
  /** The newest configuration that it was told of, and how often it could not be asked for. */
  #configVersion = -1;
  #failedChecks = 0;

  constructor(context: DurableObjectState, env: StateEnv) {
    super(context, env);
    this.#place = placeOf(context.id);
    this.#window = new EventWindow(context.storage.sql);
    this.#logger = createLogger({ service: 'state', level: env.LOG_LEVEL });
    this.#isKnown = schemaVersion(context.storage.sql) > 0;
    context.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    void context.blockConcurrencyWhile(async () => {
      if (!this.#isKnown) return;
      migrate(context.storage, EVENT_HUB_MIGRATIONS);
      this.#alarmAt = await context.storage.getAlarm();
    });
  }

  async take({ sender, first, told }: EventBatch): Promise<TakeReply> {
    const items: Told[] = JSON.parse(told); // the gate, which is of the same script, wrote it
    const now = Date.now();
    const events = items.some(({ kind }) => kind !== 'configured') ? this.#keep(sender, first, items, now) : [];
    for (const item of items) {
      if (item.kind === 'configured' && item.configVersion > this.#configVersion)
        this.#configVersion = item.configVersion;
    }
    if (!this.#isKnown) return { isWatched: false };
    const { size } = this.#readers();
    if (events.length > 0) this.#readers().push(events);
    if ((this.#snapshot?.configVersion ?? -1) < this.#configVersion && size > 0) this.ctx.waitUntil(this.#recheck());
    this.#shards().send();
    if (this.#alarmAt === null) this.#arm();
    return { isWatched: size > 0 || this.#shards().size > 0 };
  }

  async relay({ first, events, configVersion }: RelayedEvents): Promise<RelayReply> {
    if (!this.#isKnown) return { through: first - 1 + events.length, sockets: this.#arriving };
    const readers = this.#readers();
    const known = this.#window.readRelayed();
    if (readers.size === 0) readers.jump(first - 1);
    const through = readers.size === 0 ? Math.max(known, first - 1) : known;
    const fresh = first > through + 1 ? [] : events.slice(through + 1 - first);
    if (fresh.length > 0) {
      this.#window.writeRelayed(through + fresh.length);
      readers.push(fresh);
    }
    if (configVersion > this.#configVersion) {
      this.#configVersion = configVersion;
      if (readers.size > 0) this.ctx.waitUntil(this.#recheck());
    }
    return { through: through + fresh.length, sockets: readers.size + this.#arriving };
  }

  async join(shard: number): Promise<number> {
    this.#makeKnown();
    this.#window.addShard(shard);
    this.#shards().join(shard, this.#readers().sent);
    return this.#readers().sent;
  }

  async read(after: number): Promise<EventPage> {
    return this.#isKnown ? this.#window.read(after) : { events: [], first: 1, last: 0 };
  }

  async erase(): Promise<void> {
    if (this.#isKnown) for (const connection of this.#readers().all()) this.#readers().end(connection, 'unavailable');
    this.#isKnown = false;
    this.#connections = null;
    this.#fanOut = null;
    this.#alarmAt = null;
    this.#window.forget();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** A reader asks for a WebSocket: 101, or a `HubAnswer` that says why not here. */
  override async fetch(request: Request): Promise<Response> {
    const asked = readerRequest.parse(JSON.parse(request.headers.get(READER_HEADER) ?? 'null'));
    this.#arriving += 1;
    try {
      return await this.#admit(asked);
    } finally {
      this.#arriving -= 1;
    }
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    this.#readers().hear(socket, message);
    if (this.#alarmAt === null) this.#arm();
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    this.#connections?.remove(socket);
    const isReserved = code === 1005 || code === 1006 || code === 1015; // which no close frame may have
    socket.close(isReserved ? 1000 : code);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#connections?.remove(socket);
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    if (!this.#isKnown) return;
    const now = Date.now();
    try {
      this.#window.expire(now);
      this.#readers().look((connection) => this.#isOver(connection, now));
      if (this.#failedChecks > 0) await this.#recheck();
      this.#shards().send();
    } catch (error) {
      this.#logger.error('hub.alarm_failed', { ...this.#place, error });
      this.#armFor(now + LOOK_MS);
    }
    this.#arm();
  }

  async #admit(asked: ReaderRequest): Promise<Response> {
    await this.#learnAccess();
    this.#makeKnown();
    if (this.#place.shard > 0) await this.#joinRoot();
    else await this.#shards().know();
    const refusal = refuseReader(asked.reader, this.#snapshot, Date.now());
    if (refusal) return Response.json({ kind: 'refused', reason: refusal } satisfies HubAnswer);
    const elsewhere = this.#place.shard > 0 ? null : this.#elsewhere(asked);
    if (elsewhere) return Response.json(elsewhere);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#readers().add(server, asked.reader);
    this.#armFor(Math.min(asked.reader.until, Date.now() + LOOK_MS));
    return new Response(null, { status: 101, webSocket: client });
  }

  #makeKnown(): void {
    if (this.#isKnown) return;
    migrate(this.ctx.storage, EVENT_HUB_MIGRATIONS);
    this.#isKnown = true;
  }

  /** Takes what of a batch is new, in one transaction: answers its events, in their places. */
  #keep(sender: number, first: number, items: readonly Told[], now: number): string[] {
    this.#makeKnown();
    return this.ctx.storage.transactionSync(() => {
      const through = this.#window.through(sender);
      const fresh = items.slice(Math.max(0, through + 1 - first));
      if (fresh.length === 0) return [];
      const { tenantId } = this.#place;
      const { last } = this.#window;
      const texts = fresh
        .flatMap(toEvents)
        .map((event, at) => JSON.stringify({ sequence: last + 1 + at, tenantId, ...event }));
      this.#readers(); // as they are before it
      if (texts.length > 0) this.#window.append(texts, now);
      this.#window.writeThrough(sender, first + items.length - 1);
      return texts;
    });
  }

  #readers(): Connections {
    const isShard = this.#place.shard > 0;
    this.#connections ??= new Connections(isShard ? this.#window.readRelayed() : this.#window.last, {
      sockets: () => this.ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN),
      read: (after) => (isShard ? eventHub(this.env, this.#place.tenantId).read(after) : this.#window.read(after)),
      pingedAt: (socket) => this.ctx.getWebSocketAutoResponseTimestamp(socket),
      now: () => Date.now(),
      wait: (ms) => scheduler.wait(ms),
      onWaited: (until) => this.#armFor(until),
      onFailure: (error) => this.#logger.error('hub.not_read', { ...this.#place, error }),
    });
    return this.#connections;
  }

  #shards(): FanOut {
    const { tenantId, shard } = this.#place;
    this.#fanOut ??= new FanOut({
      shards: shard === 0 ? this.#window.readShards() : [],
      relay: (number, events) => eventHub(this.env, tenantId, number).relay(events),
      read: (after) => this.#window.read(after),
      configVersion: () => this.#configVersion,
      onLeft: (number) => this.#window.deleteShard(number),
      onFailure: (error) => {
        this.#logger.error('hub.not_relayed', { ...this.#place, error });
        this.#armFor(Date.now() + RECHECK_MS);
      },
    });
    return this.#fanOut;
  }

  /** Where a reader is to ask instead; null: here. */
  #elsewhere({ mostConnections, mostInOne }: ReaderRequest): HubAnswer | null {
    const own = this.#readers().size;
    if (own + this.#shards().sockets >= mostConnections) return { kind: 'full' };
    if (own < mostInOne) return null;
    const shard = this.#shards().place(mostInOne, MOST_HUB_SHARDS);
    return shard === null ? { kind: 'full' } : { kind: 'elsewhere', shard };
  }

  /** The root sends to shards that have readers: the first of them says so, and begins where the root is. */
  async #joinRoot(): Promise<void> {
    if (this.#readers().size > 0) return;
    const { tenantId, shard } = this.#place;
    this.#joining ??= eventHub(this.env, tenantId)
      .join(shard)
      .finally(() => {
        this.#joining = null;
      });
    const place = await this.#joining;
    if (this.#readers().size > 0 || place <= this.#window.readRelayed()) return;
    this.#window.writeRelayed(place);
    this.#readers().jump(place);
  }

  async #learnAccess(): Promise<void> {
    const reply = await tenantGate(this.env, this.#place.tenantId).snapshot(this.#snapshot?.configVersion ?? -1);
    if (reply.state === 'unknown') this.#snapshot = null;
    if (reply.state !== 'newer') return;
    this.#snapshot = reply.snapshot;
    this.#configVersion = Math.max(this.#configVersion, reply.snapshot.configVersion);
  }

  /** Ends those that may not read any more. What cannot be asked for is asked for again, and then nobody may. */
  async #recheck(): Promise<void> {
    try {
      await this.#learnAccess();
      this.#failedChecks = 0;
      const now = Date.now();
      for (const connection of this.#readers().all()) {
        const refusal = refuseReader(connection.reader, this.#snapshot, now);
        if (refusal) this.#readers().end(connection, refusal);
      }
    } catch (error) {
      this.#failedChecks += 1;
      this.#logger.error('hub.access_not_checked', { ...this.#place, error });
      if (this.#failedChecks < RECHECKS) {
        this.#armFor(Date.now() + RECHECK_MS);
        return;
      }
      this.#failedChecks = 0;
      for (const connection of this.#readers().all()) this.#readers().end(connection, 'unavailable');
    }
  }

  #isOver({ reader }: Connection, now: number): Ending | null {
    if (reader.until > now) return null;
    return this.#snapshot === null ? 'lifetime' : (refuseReader(reader, this.#snapshot, now) ?? 'lifetime');
  }

  /** Sets the object's single alarm to what is due first. */
  #arm(): void {
    const now = Date.now();
    const { oldest, last } = this.#window;
    const times: number[] = [];
    if (oldest !== null && last > WINDOW_EVENTS) times.push(Math.max(oldest + WINDOW_MS, now + EXPIRE_MS));
    const readers = this.#readers();
    if (readers.size > 0) times.push(now + LOOK_MS, readers.endsFirst);
    if (times.length > 0) this.#armFor(Math.min(...times));
  }

  #armFor(due: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= due) return;
    this.#alarmAt = due;
    void this.ctx.storage.setAlarm(due);
  }
}
