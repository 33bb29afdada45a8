import {
  type ClientMessage,
  clientMessage,
  type Ending,
  MOST_MESSAGE_LENGTH,
  MOST_SUBSCRIPTIONS,
  type SocketError,
} from '../../shared/contracts/event-socket.ts';
import type { EventPage, Reader } from '../../shared/contracts/events.ts';
import { CONNECTION_IDLE_MS } from '../../shared/domain/events/constants.ts';
import { confine } from '../../shared/domain/events/event-filter.ts';
import { Audience } from './audience.ts';
import { Connection } from './connection.ts';
import { AT_ONCE, PAUSE_MS } from './constants.ts';
import { type Frame, framesOf } from './frames.ts';
import { type PlacedEvent, placedFrom } from './placed-event.ts';

type Subscribe = Extract<ClientMessage, { type: 'subscribe' }>;

interface ConnectionsOptions {
  /** All sockets that are open, those of before a sleep included. */
  sockets(): WebSocket[];
  /** What the window has after a place, some of it. */
  read(after: number): EventPage | Promise<EventPage>;
  /** When a socket last sent the ping that is answered without the hub; null: never. */
  pingedAt(socket: WebSocket): Date | null;
  now(): number;
  wait(ms: number): Promise<unknown>;
  /** Somebody owes an acknowledgement that what is next waits for, and has until then to send it. */
  onWaited(until: number): void;
  onFailure(error: unknown): void;
}

/** What some readers are being sent. */
interface Round {
  /** They have everything up to here. */
  readonly after: number;
  /** Those who want any of it and were not written to yet. */
  readonly unwritten: Map<Connection, readonly Frame[]>;
}

/**
 * The readers of one hub or shard. Those that have everything get what is new in rounds, each reader one write of all that
 * it wants; what comes while a round lasts goes out with the next. One that is behind, because it began earlier in the window
 * or reads slowly, gets it from the window, as fast as it acknowledges, and never anything twice or out of order.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #known = new Map<WebSocket, Connection>();
  readonly #audience = new Audience();
  /** Who is not behind has everything up to here, or is sent it in this round. */
  #sent: number;
  /** What follows `#sent`. */
  #waiting: PlacedEvent[] = [];
  #round: Round = { after: 0, unwritten: new Map() };
  #isWriting = false;

  constructor(sent: number, options: ConnectionsOptions) {
    this.#sent = sent;
    this.#options = options;
    const now = options.now();
    for (const socket of options.sockets()) this.#know(Connection.wake(socket, now));
  }

  get size(): number {
    return this.#known.size;
  }

  get sent(): number {
    return this.#sent;
  }

  all(): Iterable<Connection> {
    return [...this.#known.values()];
  }

  /** Nobody reads: what is new begins behind this place. */
  jump(place: number): void {
    if (place <= this.#sent) return;
    this.#sent = place;
    this.#waiting = [];
  }

  /** Takes a socket that was accepted. */
  add(socket: WebSocket, reader: Reader): void {
    const { cursor } = reader;
    const isPossible = cursor === null || cursor <= this.#sent;
    const from = isPossible ? cursor : null;
    const connection = Connection.begin(socket, reader, from, this.#options.now());
    this.#know(connection);
    const sequence = from ?? this.#sent;
    connection.send({ type: 'ready', sequence });
    if (!isPossible) connection.send({ type: 'reset', sequence });
    this.#go(connection);
  }

  remove(socket: WebSocket): void {
    const connection = this.#known.get(socket);
    if (connection) this.#forget(connection);
  }

  end(connection: Connection, reason: Ending): void {
    const { after, unwritten } = this.#round;
    connection.end(reason, connection.cursor ?? (unwritten.has(connection) ? after : this.#sent));
    this.#forget(connection);
  }

  /** Sends placed events that follow those before: at once, or together with what comes until a round is over. */
  push(texts: readonly string[]): void {
    this.#waiting.push(...placedFrom(this.#sent + this.#waiting.length + 1, texts));
    if (!this.#isWriting) void this.#write();
  }

  /** Takes a client's message in. */
  hear(socket: WebSocket, message: string | ArrayBuffer): void {
    const connection = this.#known.get(socket);
    if (!connection) return;
    const now = this.#options.now();
    const length = typeof message === 'string' ? message.length : message.byteLength;
    const isTooLarge = length > MOST_MESSAGE_LENGTH;
    if (isTooLarge || !connection.budget.take(now)) {
      this.end(connection, isTooLarge ? 'too_large' : 'flood');
      return;
    }
    connection.hear(now);
    this.#writeTo(connection); // it came before what the client says now
    if (connection.hasEnded) return;
    const read = readMessage(message);
    if (read === null) {
      const detail = 'Send a JSON object as /asyncapi.json says.';
      connection.send({ type: 'error', code: 'invalid_message', detail });
    } else this.#answer(connection, read, now);
    connection.keep();
  }

  /** Ends those whose client takes nothing, or is gone without a word. Ends nobody for what only `isOver` knows. */
  look(isOver: (connection: Connection) => Ending | null): void {
    const now = this.#options.now();
    for (const connection of this.all()) {
      const { reader, socket } = connection;
      const over = isOver(connection);
      if (over) this.end(connection, over);
      else if (now >= connection.stallsAt) this.end(connection, 'slow_reader');
      else if (reader.via === 'direct') {
        const heardAt = Math.max(connection.heardAt, this.#options.pingedAt(socket)?.getTime() ?? 0);
        if (now - heardAt >= CONNECTION_IDLE_MS) this.end(connection, 'idle');
      }
    }
  }

  /** When the first of them is over: its life, or the time that it has for an acknowledgement. */
  get endsFirst(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { reader, stallsAt } of this.#known.values()) first = Math.min(first, reader.until, stallsAt);
    return first;
  }

  #answer(connection: Connection, message: ClientMessage, now: number): void {
    switch (message.type) {
      case 'ping':
        connection.send({ type: 'pong' });
        break;
      case 'ack':
        connection.acknowledge(message.sequence, now);
        this.#go(connection);
        break;
      case 'unsubscribe': {
        const { [message.id]: _, ...others } = connection.reader.filters;
        this.#choose(connection, others);
        connection.send({ type: 'unsubscribed', id: message.id });
        break;
      }
      case 'subscribe':
        this.#subscribe(connection, message);
    }
  }

  #subscribe(connection: Connection, { type: _, id, cursor, ...filter }: Subscribe): void {
    const { filters } = connection.reader;
    const { [id]: __, ...others } = filters;
    const refuse = (code: SocketError, detail: string) => connection.send({ type: 'error', code, detail });
    if (Object.keys(others).length >= MOST_SUBSCRIPTIONS) {
      refuse('too_many_subscriptions', `A connection may have ${MOST_SUBSCRIPTIONS} subscriptions.`);
      return;
    }
    if (cursor !== undefined && (Object.keys(filters).length > 0 || cursor > this.#sent)) {
      refuse('cursor_not_possible', 'A place is only for a connection without a subscription, and in the past.');
      return;
    }
    const confined = confine(filter, connection.reader.within);
    if (!confined) {
      refuse('environment_mismatch', 'The connection is for another environment.');
      return;
    }
    this.#choose(connection, { ...others, [id]: confined });
    connection.send({ type: 'subscribed', id });
    if (cursor !== undefined) connection.pass(cursor);
    this.#go(connection);
  }

  #choose(connection: Connection, filters: Reader['filters']): void {
    this.#audience.leave(connection);
    connection.choose(filters);
    this.#audience.join(connection);
  }

  #know(connection: Connection): void {
    this.#known.set(connection.socket, connection);
    this.#audience.join(connection);
  }

  #forget(connection: Connection): void {
    this.#known.delete(connection.socket);
    this.#audience.leave(connection);
    this.#round.unwritten.delete(connection);
  }

  /** Writes round after round, with a pause after so many readers, until nothing waits. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let written = 0; this.#waiting.length > 0; ) {
        this.#round = this.#nextRound();
        for (const connection of this.#round.unwritten.keys()) {
          this.#writeTo(connection);
          written += 1;
          if (written % AT_ONCE === 0) await this.#options.wait(PAUSE_MS);
        }
      }
    } finally {
      this.#isWriting = false;
    }
  }

  #nextRound(): Round {
    const [events, after] = [this.#waiting, this.#sent];
    this.#waiting = [];
    this.#sent += events.length;
    const unwritten = new Map<Connection, readonly Frame[]>();
    for (const [{ members }, wanted] of this.#audience.wanting(events)) {
      const frames = framesOf(wanted);
      for (const member of members) if (member.cursor === null) unwritten.set(member, frames);
    }
    return { after, unwritten };
  }

  /** Writes what this round has for a reader. */
  #writeTo(connection: Connection): void {
    const frames = this.#round.unwritten.get(connection);
    if (!frames) return;
    this.#round.unwritten.delete(connection);
    this.#send(connection, frames);
  }

  /** Sends a reader what follows what it has, as far as it may be sent: else it is behind. */
  #send(connection: Connection, frames: readonly Frame[]): void {
    let isAsked = false;
    for (const frame of frames) {
      isAsked = connection.sendFrame(frame, this.#options.now()) || isAsked;
      if (!connection.isWaited) continue;
      connection.pass(frame.last);
      this.#options.onWaited(connection.stallsAt);
      break;
    }
    if (isAsked) connection.keep();
    if (connection.hasEnded) this.#forget(connection);
  }

  #go(connection: Connection): void {
    if (!connection.isPumping) void this.#pump(connection);
  }

  /** Brings a connection that is behind up to the others, as far as it acknowledges. Does not reject. */
  async #pump(connection: Connection): Promise<void> {
    if (connection.cursor === null && connection.reader.follows) return;
    connection.isPumping = true;
    try {
      for (;;) {
        const { cursor } = connection;
        if (cursor === null || connection.isWaited || connection.hasEnded) break;
        if (cursor >= this.#sent) {
          connection.pass(null);
          break;
        }
        const page = await this.#options.read(cursor);
        if (connection.cursor !== cursor) continue; // it chose another place meanwhile
        if (page.first > cursor + 1) {
          connection.pass(page.first - 1);
          connection.send({ type: 'reset', sequence: page.first - 1 });
        }
        const room = this.#sent - page.first + 1; // the others have not been sent more yet
        const events = placedFrom(page.first, page.events.slice(0, Math.max(0, room)));
        if (events.length === 0) break;
        this.#send(connection, framesOf(events.filter((event) => connection.wants(event))));
        if (!connection.isWaited) connection.pass(page.first - 1 + events.length);
      }
      if (connection.cursor === null && !connection.reader.follows) this.end(connection, 'caught_up');
    } catch (error) {
      this.#options.onFailure(error);
      this.end(connection, 'unavailable');
    } finally {
      connection.isPumping = false;
    }
    connection.keep();
  }
}

function readMessage(message: string | ArrayBuffer): ClientMessage | null {
  if (typeof message !== 'string') return null;
  try {
    return clientMessage.safeParse(JSON.parse(message)).data ?? null;
  } catch {
    return null;
  }
}
