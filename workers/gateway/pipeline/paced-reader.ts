import type { ByteReader } from '../../../shared/providers/contract.ts';
import { COPY_BUFFER_BYTES, COPY_PACE_MS } from '../constants.ts';

/** A read that takes as much was not the last of what waits. */
const MANY_BYTES = COPY_BUFFER_BYTES / 8;

const [CR, LF] = [0x0d, 0x0a];
/** Two line ends of one kind, as the last of four bytes: what ends an event. */
const TWO_LF = (LF << 8) | LF;
const TWO_CR = (CR << 8) | CR;
const TWO_CRLF = (CR << 24) | (LF << 16) | (CR << 8) | LF;

/**
 * Reads a stream's copy a few times a second, and as fast as it can once it is told to hurry. What has come meanwhile
 * waits in the runtime, and one read takes it all: a reader that took each piece at once would cost more than all else of
 * a stream. A chunk is valid until the next read.
 */
export class PacedReader implements ByteReader {
  readonly #reader: ReadableStreamBYOBReader;
  #isHurried = false;
  #endPause: (() => void) | undefined;
  #hasMore = false;
  #buffer = new ArrayBuffer(COPY_BUFFER_BYTES);
  /** The last four bytes, as one number; null before the first. */
  #tail: number | null = null;

  constructor(copy: ReadableStream<Uint8Array>) {
    this.#reader = copy.getReader({ mode: 'byob' });
  }

  /** From now on there is no pause between reads: no more is to come than waits already. */
  readonly hurry = (): void => {
    this.#isHurried = true;
    this.#endPause?.();
  };

  async read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    if (!this.#isHurried && !this.#hasMore) await this.#pause();
    const read = await this.#reader.read(new Uint8Array(this.#buffer));
    if (read.done) return { done: true, value: undefined };
    const { value } = read;
    this.#buffer = value.buffer as ArrayBuffer; // the one that was given, which the runtime has moved
    this.#hasMore = value.byteLength >= MANY_BYTES;
    for (const byte of value.subarray(-4)) this.#tail = ((this.#tail ?? 0) << 8) | byte;
    return read;
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  /** Whether what was read so far ends behind an event of `text/event-stream`, and not within one. */
  get isAtBoundary(): boolean {
    if (this.#tail === null) return true;
    const lastTwo = this.#tail & 0xffff;
    return lastTwo === TWO_LF || lastTwo === TWO_CR || this.#tail === TWO_CRLF;
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, COPY_PACE_MS);
    this.#endPause = resolve;
    await promise;
    clearTimeout(timer);
  }
}
