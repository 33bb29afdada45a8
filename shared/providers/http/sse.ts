import { BodyTooLargeError } from '../../platform/read-bounded-text.ts';
import type { ServerSentEvent } from '../contract.ts';

/** The most that a stream may make its reader hold, and carry in all. */
export interface StreamLimits {
  /** In UTF-16 units, which are never more than the bytes that they came as. */
  readonly maxEventLength: number;
  readonly maxStreamBytes: number;
}

/**
 * Reads a `text/event-stream` as its specification says, one piece of its bytes after another: any of CRLF, LF and CR
 * ends a line, a byte order mark and comments are dropped, an event without its blank line is not one. An event or a
 * stream that is too large throws. `id` and `retry` are not read: they are for reconnecting, which a POST does not do.
 */
export class EventDecoder {
  readonly #decoder = new TextDecoder();
  readonly #parser: EventParser;
  readonly #maxBytes: number;
  #size = 0;

  constructor({ maxEventLength, maxStreamBytes }: StreamLimits) {
    this.#parser = new EventParser(maxEventLength);
    this.#maxBytes = maxStreamBytes;
  }

  /** The events that `bytes`, the next piece of the stream, completes; none is held back. */
  accept(bytes: Uint8Array): readonly ServerSentEvent[] {
    this.#size += bytes.byteLength;
    if (this.#size > this.#maxBytes) throw new BodyTooLargeError(this.#maxBytes);
    return this.#parser.accept(this.#decoder.decode(bytes, { stream: true }));
  }
}

class EventParser {
  readonly #maxLength: number;
  #isAfterCr = false;
  #line = '';
  #type = '';
  #data: string | undefined;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /** The events that `text`, the next piece of the stream, completes. */
  accept(text: string): ServerSentEvent[] {
    if (text === '') return [];
    const events: ServerSentEvent[] = [];
    const rest = this.#isAfterCr && text.startsWith('\n') ? text.slice(1) : text;
    this.#isAfterCr = text.endsWith('\r');
    const lines = rest.split(rest.includes('\r') ? /\r\n?|\n/ : '\n');
    lines[0] = this.#line + lines[0];
    this.#line = lines.pop() ?? '';
    for (const line of lines) this.#acceptLine(line, events);
    this.#limit(this.#line);
    return events;
  }

  #acceptLine(line: string, events: ServerSentEvent[]): void {
    if (line === '') {
      if (this.#data !== undefined) events.push({ event: this.#type || 'message', data: this.#data });
      this.#data = undefined;
      this.#type = '';
      return;
    }
    this.#limit(line);
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (field === 'event') this.#type = value;
  }

  /** Data so far and one more line: the same sum wherever the bytes are split. */
  #limit(line: string): void {
    if ((this.#data?.length ?? 0) + line.length > this.#maxLength) throw new BodyTooLargeError(this.#maxLength);
  }
}
