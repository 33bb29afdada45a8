const HEAD_END = '\r\n\r\n';
const CHUNKS_END = '\r\n0\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding: *chunked/i;

/** `open`: there is more to come. `failed`: ended, but not 2xx or without the expected words. */
export type AnswerOutcome = 'open' | 'whole' | 'failed';

/**
 * Finds the ends of HTTP/1.1 answers on one connection that has one request in flight at a time. Text is latin1, one
 * character a byte. Chunks are not decoded: the expected words must lie in one of them.
 */
export class AnswerReader {
  readonly #expected: string;
  #received = '';
  /** The last answer that failed. */
  failure: string | null = null;
  /** Characters at which the answer ends; null: with its last chunk. Undefined until its head is there. */
  #length: number | null | undefined;

  constructor(expected: string) {
    this.#expected = expected;
  }

  push(data: string): AnswerOutcome {
    this.#received = this.#received === '' ? data : this.#received + data;
    if (this.#length === undefined) this.#readHead();
    if (this.#length === undefined) return 'open';
    const isOver = this.#length === null ? this.#received.endsWith(CHUNKS_END) : this.#received.length >= this.#length;
    if (!isOver) return 'open';
    const isWhole = this.#received.startsWith('HTTP/1.1 2') && this.#received.includes(this.#expected);
    if (!isWhole) this.failure = this.#received;
    this.#received = '';
    this.#length = undefined;
    return isWhole ? 'whole' : 'failed';
  }

  #readHead(): void {
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = this.#received.slice(0, headEnd);
    this.#length = CHUNKED.test(head) ? null : headEnd + HEAD_END.length + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
  }
}
