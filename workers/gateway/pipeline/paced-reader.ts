import type { ByteReader } from '../../../shared/providers/contract.ts';
import { COPY_BUFFER_BYTES, COPY_PACE_MS } from '../constants.ts';

/** A read that takes as much was not the last of what waits. */
const MANY_BYTES = COPY_BUFFER_BYTES / 8;

/**
 * Reads a stream's copy a few times a second, and as fast as it can once `over` resolves. What has come meanwhile waits in
 * the runtime, and one read takes it all: a reader that took each piece at once would cost more than all else of a
 * stream. A chunk is valid until the next read.
 */
export class PacedReader implements ByteReader {
  readonly #reader: ReadableStreamBYOBReader;
  readonly #over: Promise<void>;
  #isOver = false;
  #hasMore = false;
  #buffer = new ArrayBuffer(COPY_BUFFER_BYTES);
  #tail = '';

  constructor(copy: ReadableStream<Uint8Array>, over: Promise<unknown>) {
    this.#reader = copy.getReader({ mode: 'byob' });
    this.#over = over.then(() => {
      this.#isOver = true;
    });
  }

  async read(): Promise<ReadableStreamReadResult<Uint8Array>> {
    if (!this.#isOver && !this.#hasMore) await this.#pause();
    const read = await this.#reader.read(new Uint8Array(this.#buffer));
    if (read.done) return { done: true, value: undefined };
    this.#buffer = read.value.buffer as ArrayBuffer; // the one that was given, which the runtime has moved
    this.#hasMore = read.value.byteLength >= MANY_BYTES;
    this.#tail = (this.#tail + String.fromCharCode(...read.value.subarray(-4))).slice(-4);
    return read;
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.#reader.cancel(reason);
  }

  /** Whether what was read so far ends behind an event of `text/event-stream`, and not within one. */
  get isAtBoundary(): boolean {
    return this.#tail === '' || /(\r\n\r\n|\n\n|\r\r)$/.test(this.#tail);
  }

  async #pause(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const paced = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, COPY_PACE_MS);
    });
    await Promise.race([this.#over, paced]);
    clearTimeout(timer);
  }
}
