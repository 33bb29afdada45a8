import * as z from 'zod';
import { ENDINGS, type Ending, type ServerMessage } from '../../shared/contracts/event-socket.ts';
import { type Reader, reader } from '../../shared/contracts/events.ts';
import { filterKey, isWanted } from '../../shared/domain/events/event-filter.ts';
import { MessageBudget } from '../../shared/domain/events/message-budget.ts';
import { ASK_BYTES, MOST_ASKED, SILENT_MS, STALL_MS } from './constants.ts';
import type { Frame } from './frames.ts';
import type { PlacedEvent } from './placed-event.ts';

/** What of a connection survives the hub's sleep, with its socket. */
const attachment = z.object({
  reader,
  /** Places that the reader was asked to acknowledge and has not. */
  asked: z.array(z.int().nonnegative()),
  hasAcked: z.boolean(),
  /** When the last acknowledgement came, or was first waited for; when the client was last heard. */
  ackedAt: z.number(),
  heardAt: z.number(),
});
type Attachment = z.infer<typeof attachment>;

/**
 * One reader's socket. What was sent and not acknowledged is bounded, since the runtime does not tell what waits in a
 * socket: a reader that owes too much is sent nothing until it has acknowledged some of it.
 */
export class Connection {
  readonly socket: WebSocket;
  readonly budget: MessageBudget;
  isPumping = false;
  #state: Attachment;
  #cursor: number | null;
  #key: string;
  #unasked = 0;
  #hasEnded = false;

  private constructor(socket: WebSocket, state: Attachment, now: number) {
    this.socket = socket;
    this.budget = new MessageBudget(now);
    this.#state = state;
    this.#cursor = state.reader.cursor;
    this.#key = filterKey(state.reader.filters);
  }

  /** A new one; `cursor` is where it begins. */
  static begin(socket: WebSocket, of: Reader, cursor: number | null, now: number): Connection {
    const state = { reader: { ...of, cursor }, asked: [], hasAcked: false, ackedAt: now, heardAt: now };
    const connection = new Connection(socket, state, now);
    connection.keep();
    return connection;
  }

  /** One that was there before the hub slept. */
  static wake(socket: WebSocket, now: number): Connection {
    return new Connection(socket, attachment.parse(socket.deserializeAttachment()), now);
  }

  get reader(): Reader {
    return this.#state.reader;
  }

  /** Everything up to this place was sent, or is not wanted; null: all that the others were sent, who are not behind. */
  get cursor(): number | null {
    return this.#cursor;
  }

  /** The same for all who choose alike. */
  get key(): string {
    return this.#key;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** If it owes so much that it is sent nothing more. */
  get isWaited(): boolean {
    return this.#state.asked.length >= MOST_ASKED;
  }

  /** When it has owed for too long; a client that never acknowledged may not know that it should. */
  get stallsAt(): number {
    if (!this.isWaited) return Number.POSITIVE_INFINITY;
    const { ackedAt, hasAcked, reader } = this.#state;
    return ackedAt + (hasAcked || reader.via === 'relayed' ? STALL_MS : SILENT_MS);
  }

  get heardAt(): number {
    return this.#state.heardAt;
  }

  send(message: ServerMessage): void {
    this.#write(JSON.stringify(message));
  }

  /** If any of its filters wants an event. */
  wants({ facts }: PlacedEvent): boolean {
    return isWanted(facts, Object.values(this.reader.filters));
  }

  /** Sends events, and asks for an acknowledgement now and then: true if it did. */
  sendFrame({ text, askingText, bytes, last }: Frame, now: number): boolean {
    this.#unasked += bytes;
    const isAsking = this.#unasked >= ASK_BYTES;
    this.#write(isAsking ? askingText : text);
    if (!isAsking) return false;
    this.#unasked = 0;
    if (this.#state.asked.length === 0) this.#state.ackedAt = now;
    this.#state.asked = [...this.#state.asked, last];
    return true;
  }

  /** Nothing up to this place is to be sent any more; null: it is with the others. */
  pass(cursor: number | null): void {
    this.#cursor = cursor;
  }

  acknowledge(sequence: number, now: number): void {
    const asked = this.#state.asked.filter((place) => place > sequence);
    if (asked.length === this.#state.asked.length) return;
    this.#state = { ...this.#state, asked, hasAcked: true, ackedAt: now };
  }

  choose(filters: Reader['filters']): void {
    this.#state = { ...this.#state, reader: { ...this.reader, filters } };
    this.#key = filterKey(filters);
  }

  hear(now: number): void {
    this.#state.heardAt = now;
  }

  /** Writes down what must survive. */
  keep(): void {
    if (this.#hasEnded) return;
    this.#state.reader = { ...this.reader, cursor: this.#cursor };
    this.socket.serializeAttachment(this.#state);
  }

  /** Says why, and up to where everything was sent, and closes. */
  end(reason: Ending, sequence: number): void {
    if (this.#hasEnded) return;
    this.send({ type: 'end', reason, sequence });
    this.#hasEnded = true;
    try {
      this.socket.close(ENDINGS[reason], reason);
    } catch {
      // The client has gone before.
    }
  }

  #write(text: string): void {
    if (this.#hasEnded) return;
    try {
      this.socket.send(text);
    } catch {
      this.#hasEnded = true; // the client has gone; its close is told to the hub too
    }
  }
}
