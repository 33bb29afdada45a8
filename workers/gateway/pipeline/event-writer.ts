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
  /** How to reject the writes that are not read yet: the stream's own `abort` would wait for them. */
  readonly #pending = new Set<(reason: Error) => void>();
  /** When the client last took something, or was last offered something after silence. */
  #lastTakenAt: number;

  constructor(writable: WritableStream<Uint8Array>, now: () => number, onLost: () => void) {
    this.#writer = writable.getWriter();
    this.#now = now;
    this.#lastTakenAt = now();
    this.#timer = setInterval(() => {
      const waited = this.#now() - this.#lastTakenAt;
      if (this.#pending.size === 0 && waited >= KEEP_ALIVE_MS) this.write(KEEP_ALIVE).catch(onLost);
      else if (this.#pending.size > 0 && waited > STREAM_STALL_MS) {
        onLost();
        this.abort();
      }
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
    for (const reject of this.#pending) reject(reason);
    this.#writer.abort(reason).catch(() => {}); // it may be broken already
  }

  async #whileRead(taken: Promise<void>): Promise<void> {
    if (this.#pending.size === 0) this.#lastTakenAt = this.#now();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    taken.then(resolve, reject);
    this.#pending.add(reject);
    try {
      await promise;
    } finally {
      this.#pending.delete(reject);
      this.#lastTakenAt = this.#now();
    }
  }
}
