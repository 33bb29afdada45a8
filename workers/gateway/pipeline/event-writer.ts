import { GATHER_MS, KEEP_ALIVE_MS, MOST_WAITING_LENGTH, STREAM_STALL_MS } from '../constants.ts';

const ENCODER = new TextEncoder();

/** A comment of `text/event-stream`: keeps the connection alive, and clients pass over it. */
const KEEP_ALIVE = ': keep-alive\n\n';

/**
 * Writes events to a client at the pace at which it reads them. What comes within `GATHER_MS` of a write goes out with the
 * next one, since a write costs more than all that is in it. Silence is filled with comments. A client that leaves, or
 * reads nothing for too long, is told to `onLost` once.
 */
export class EventWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #alive: ReturnType<typeof setInterval>;
  readonly #now: () => number;
  readonly #onLost: () => void;
  #waiting = '';
  /** Ends when all that waited when it began is with the client. */
  #flushing: Promise<void> | null = null;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #lastWrittenAt = Number.NEGATIVE_INFINITY;
  /** When the client last took something, or was last offered something after silence. */
  #lastTakenAt: number;
  /** Rejects the write in flight: the stream's own `abort` would wait for it. */
  #giveUp: ((reason: Error) => void) | undefined;
  #lost: Error | null = null;

  constructor(writable: WritableStream<Uint8Array>, now: () => number, onLost: () => void) {
    this.#writer = writable.getWriter();
    this.#now = now;
    this.#onLost = onLost;
    this.#lastTakenAt = now();
    this.#alive = setInterval(() => this.#checkClient(), KEEP_ALIVE_MS);
    this.#writer.closed.catch(() => this.#lose(new Error('the client left')));
  }

  /** Takes a text; an empty one is none. Throws when the client has left. */
  write(text: string): void {
    if (this.#lost) throw this.#lost;
    this.#waiting += text;
    if (text === '' || this.#flushing || this.#gathering !== undefined) return;
    const pause = this.#lastWrittenAt + GATHER_MS - this.#now();
    if (pause <= 0) void this.#flush();
    else this.#gathering = setTimeout(() => void this.#flush(), pause);
  }

  /** If more waits for the client than should: then its provider has to wait too, until it has caught up. */
  get isBehind(): boolean {
    return this.#waiting.length > MOST_WAITING_LENGTH;
  }

  /** Ends when nothing waits, and when the client has left. */
  async caughtUp(): Promise<void> {
    await (this.#flushing ?? this.#flush());
  }

  /** Ends the stream cleanly, after its last event. Rejects when the client has left. */
  async end(): Promise<void> {
    await this.caughtUp();
    if (this.#lost) throw this.#lost;
    await this.#whileRead(this.#writer.close());
    clearInterval(this.#alive);
  }

  /** Breaks the stream off, so that it does not look ended; a write that nobody reads rejects. */
  abort(): void {
    clearInterval(this.#alive);
    clearTimeout(this.#gathering);
    const reason = new Error('the stream broke off');
    this.#lost ??= reason;
    this.#giveUp?.(reason);
    this.#writer.abort(reason).catch(() => {}); // it may be broken already
  }

  /** Writes what waits until nothing does. Does not reject: a lost client is `#lost`. */
  #flush(): Promise<void> {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#flushing = this.#writeWaiting().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #writeWaiting(): Promise<void> {
    try {
      while (this.#waiting !== '') {
        const text = this.#waiting;
        this.#waiting = '';
        this.#lastWrittenAt = this.#now();
        await this.#whileRead(this.#writer.write(ENCODER.encode(text)));
      }
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error('the client left'));
    }
  }

  /** Ends when the client has taken what was written; rejects when it is given up. */
  async #whileRead(taken: Promise<void>): Promise<void> {
    this.#lastTakenAt = this.#now();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    taken.then(resolve, reject);
    this.#giveUp = reject;
    try {
      await promise;
    } finally {
      this.#giveUp = undefined;
      this.#lastTakenAt = this.#now();
    }
  }

  #checkClient(): void {
    const waited = this.#now() - this.#lastTakenAt;
    if (!this.#giveUp && !this.#lost && waited >= KEEP_ALIVE_MS) this.write(KEEP_ALIVE);
    else if (this.#giveUp && waited > STREAM_STALL_MS) {
      this.#lose(new Error('the client takes nothing'));
      this.abort();
    }
  }

  #lose(reason: Error): void {
    if (this.#lost) return;
    this.#lost = reason;
    this.#onLost();
  }
}
