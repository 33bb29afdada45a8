import { KEEP_ALIVE_MS, STREAM_STALL_MS } from '../constants.ts';
import { KEEP_ALIVE } from './encode-event.ts';

const ENCODER = new TextEncoder();

/**
 * Writes events to a client at the pace at which it reads them: a write resolves when it was read, so nothing piles up
 * here. Silence is filled with comments. A client that leaves, or reads nothing for too long, is told to `onLost` once.
 */
export class EventWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #now: () => number;
  /** Rejects what is pending when the stream is broken off: its own `abort` waits for the write that nobody reads. */
  #rejectPending: (reason: Error) => void = () => {};
  #pendingSince: number | null = null;
  #lastWriteAt: number;

  constructor(writable: WritableStream<Uint8Array>, now: () => number, onLost: () => void) {
    this.#writer = writable.getWriter();
    this.#now = now;
    this.#lastWriteAt = now();
    this.#timer = setInterval(() => {
      const waited = this.#now() - (this.#pendingSince ?? this.#lastWriteAt);
      if (this.#pendingSince !== null && waited > STREAM_STALL_MS) {
        onLost();
        this.abort();
      }
      if (this.#pendingSince === null && waited >= KEEP_ALIVE_MS) this.write(KEEP_ALIVE).catch(onLost);
    }, KEEP_ALIVE_MS);
    this.#writer.closed.catch(onLost);
  }

  /** Rejects when the client has left. */
  async write(text: string): Promise<void> {
    await this.#whileRead(this.#writer.write(ENCODER.encode(text)));
  }

  /** Ends the stream cleanly, after its last event. Rejects when the client has left. */
  async end(): Promise<void> {
    await this.#whileRead(this.#writer.close());
    clearInterval(this.#timer);
  }

  /** Breaks the stream off, so that it does not look ended; a write that nobody reads rejects. */
  abort(): void {
    clearInterval(this.#timer);
    const reason = new Error('the stream broke off');
    this.#rejectPending(reason);
    this.#writer.abort(reason).catch(() => {}); // it may be broken already
  }

  async #whileRead(taken: Promise<void>): Promise<void> {
    this.#pendingSince = this.#now();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#rejectPending = reject;
        taken.then(resolve, reject);
      });
    } finally {
      this.#pendingSince = null;
      this.#lastWriteAt = this.#now();
    }
  }
}
