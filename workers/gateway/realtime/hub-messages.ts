import { ENDINGS, type Ending, type ServerMessage } from '../../../shared/contracts/event-socket.ts';

/**
 * What a hub's socket brings, one after the other. Ends without an `end` message where the socket broke. What waits here is
 * bounded by what the hub sends without an acknowledgement.
 */
export class HubMessages {
  readonly #socket: WebSocket;
  readonly #waiting: ServerMessage[] = [];
  #wake: (() => void) | null = null;
  #isOpen = true;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      this.#waiting.push(JSON.parse(String(data))); // the hub, which is ours, wrote it
      this.#wake?.();
    });
    socket.addEventListener('close', () => this.#end());
    socket.addEventListener('error', () => this.#end());
    socket.accept();
  }

  /** The next message; null when there is none to come. */
  async next(): Promise<ServerMessage | null> {
    while (this.#waiting.length === 0 && this.#isOpen) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#waiting.shift() ?? null;
  }

  /** Everything up to this place was written. */
  acknowledge(sequence: number): void {
    if (this.#isOpen) this.#socket.send(JSON.stringify({ type: 'ack', sequence }));
  }

  /** Says that the stream is to end, as if the hub had said so. */
  stop(reason: Ending, sequence: number): void {
    this.#waiting.splice(0, Number.POSITIVE_INFINITY, { type: 'end', reason, sequence });
    this.#wake?.();
    this.close(reason);
  }

  close(reason: Ending = 'caught_up'): void {
    if (!this.#isOpen) return;
    this.#end();
    this.#socket.close(ENDINGS[reason], reason);
  }

  #end(): void {
    this.#isOpen = false;
    this.#wake?.();
  }
}
