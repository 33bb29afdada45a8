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
import { Connection } from './connection.ts';
import { AT_ONCE, READERS_PER_MS } from './constants.ts';
import { Frames } from './frames.ts';

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
  /** Somebody owes an acknowledgement that what is next waits for. */
  onWaited(): void;
  onFailure(error: unknown): void;
}

/**
 * The readers of one hub or shard. Those that have everything get what is new as it comes; one that is behind, because it
 * began earlier in the window or reads slowly, gets it from the window, as fast as it acknowledges, and never anything
 * twice or out of order.
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #known = new Map<WebSocket, Connection>();
  /** Everybody that has everything was sent it up to here. */
  #sent: number;
  /** What they were not sent yet: it follows `#sent`. */
  #waiting: string[] = [];
  #isPacing = false;

  constructor(sent: number, options: ConnectionsOptions) {
    this.#sent = sent;
    this.#options = options;
    const now = options.now();
    for (const socket of options.sockets()) this.#known.set(socket, Connection.wake(socket, sent, now));
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
    const from = cursor === null || cursor > this.#sent ? this.#sent : cursor;
    const connection = Connection.begin(socket, reader, from, this.#options.now());
    this.#known.set(socket, connection);
    connection.send({ type: 'ready', sequence: from });
    if (cursor !== null && cursor > this.#sent) connection.send({ type: 'reset', sequence: from });
    this.#go(connection);
  }

  remove(socket: WebSocket): void {
    this.#known.delete(socket);
  }

  end(connection: Connection, reason: Ending): void {
    connection.end(reason);
    this.#known.delete(connection.socket);
  }

  /** Sends placed events that follow those before: at once where few read, else together with what comes meanwhile. */
  push(texts: readonly string[]): void {
    this.#waiting.push(...texts);
    if (this.size <= AT_ONCE) this.#flush();
    else if (!this.#isPacing) void this.#flushLater();
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
    const read = readMessage(message);
    if (read === null) {
      const detail = 'Send a JSON object as /asyncapi.json says.';
      connection.send({ type: 'error', code: 'invalid_message', detail });
    } else this.#answer(connection, read, now);
    connection.keep(this.#sent);
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
        connection.choose(others);
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
    connection.choose({ ...others, [id]: confined });
    connection.send({ type: 'subscribed', id });
    if (cursor !== undefined) connection.pass(cursor);
    this.#go(connection);
  }

  async #flushLater(): Promise<void> {
    this.#isPacing = true;
    try {
      await this.#options.wait(this.size / READERS_PER_MS);
    } finally {
      this.#isPacing = false;
    }
    this.#flush();
  }

  #flush(): void {
    const texts = this.#waiting;
    if (texts.length === 0) return;
    this.#waiting = [];
    const [before, now] = [this.#sent, this.#options.now()];
    this.#sent += texts.length;
    const frames = new Frames(before + 1, texts);
    for (const connection of this.#known.values()) {
      if (connection.isPumping || connection.cursor !== before) continue; // what is new reaches it through the window
      this.#sendFrames(connection, frames, now);
    }
  }

  /** Sends a connection that is at their beginning what it wants of some events, as far as it may be sent. */
  #sendFrames(connection: Connection, frames: Frames, now: number): void {
    const owed = connection.isWaited;
    let isAsked = false;
    for (const frame of frames.for(connection.reader.filters, connection.key)) {
      if (connection.isWaited) break;
      isAsked = connection.sendFrame(frame, now) || isAsked;
      connection.pass(frame.last);
    }
    if (!connection.isWaited) connection.pass(frames.last);
    if (owed || isAsked) connection.keep(this.#sent);
    if (connection.isWaited) this.#options.onWaited();
    if (connection.hasEnded) this.#known.delete(connection.socket);
  }

  #go(connection: Connection): void {
    if (!connection.isPumping) void this.#pump(connection);
  }

  /** Brings a connection up to the others, as far as it acknowledges. Does not reject. */
  async #pump(connection: Connection): Promise<void> {
    connection.isPumping = true;
    try {
      while (!connection.hasEnded && !connection.isWaited && connection.cursor < this.#sent) {
        const page = await this.#options.read(connection.cursor);
        if (page.first > connection.cursor + 1) {
          connection.pass(page.first - 1);
          connection.send({ type: 'reset', sequence: page.first - 1 });
        }
        const room = this.#sent - page.first + 1; // others have not been sent more yet
        const texts = page.events.slice(0, Math.max(0, room));
        if (texts.length === 0) break;
        this.#sendFrames(connection, new Frames(page.first, texts), this.#options.now());
      }
      if (connection.cursor >= this.#sent && !connection.reader.follows) this.end(connection, 'caught_up');
    } catch (error) {
      this.#options.onFailure(error);
      this.end(connection, 'unavailable');
    } finally {
      connection.isPumping = false;
    }
    connection.keep(this.#sent);
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
