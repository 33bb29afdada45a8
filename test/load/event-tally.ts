import type { ServerMessage } from '../../shared/contracts/event-socket.ts';
import type { ReadersSeen } from './children.ts';

/** One socket to a tenant's events. */
export interface TalliedReader {
  /** The task that it watches; null: it reads everything. */
  readonly taskId: string | null;
  /** If it measures how late events are. */
  readonly isMeasured: boolean;
  /** The place up to which it has read; -1: it is not open yet. */
  cursor: number;
  isOpen: boolean;
}

/** What sockets have been sent: what is lost, doubled or not asked for, and how late. */
export class EventTally {
  readonly #readers: TalliedReader[] = [];
  readonly #latencies = new Map<number, number>();
  #deliveries = 0;
  #gaps = 0;
  #doubles = 0;
  #unasked = 0;

  add(taskId: string | null, isMeasured: boolean): TalliedReader {
    const reader = { taskId, isMeasured, cursor: -1, isOpen: true };
    this.#readers.push(reader);
    return reader;
  }

  /** Takes in what a socket was sent; answers what it is to say, if anything. */
  take(reader: TalliedReader, message: ServerMessage): string | null {
    if (message.type === 'ready') reader.cursor = message.sequence;
    if (message.type !== 'events') return null;
    for (const { sequence, data } of message.events) {
      if (reader.taskId === null && sequence > reader.cursor + 1) this.#gaps += 1; // of one task, others are between
      if (reader.taskId !== null && !('taskId' in data && data.taskId === reader.taskId)) this.#unasked += 1;
      if (sequence <= reader.cursor) this.#doubles += 1;
      reader.cursor = Math.max(reader.cursor, sequence);
    }
    this.#deliveries += message.events.length;
    if (reader.isMeasured) this.#measure(message.events);
    return message.ackAfter === undefined ? null : JSON.stringify({ type: 'ack', sequence: message.ackAfter });
  }

  get seen(): ReadersSeen {
    return {
      ...{ deliveries: this.#deliveries, gaps: this.#gaps, doubles: this.#doubles, unasked: this.#unasked },
      closed: this.#readers.filter(({ isOpen }) => !isOpen).length,
      latencies: [...this.#latencies],
    };
  }

  #measure(events: readonly { readonly time: string }[]): void {
    const now = Date.now();
    for (const { time } of events) {
      const ms = now - Date.parse(time);
      this.#latencies.set(ms, (this.#latencies.get(ms) ?? 0) + 1);
    }
  }
}
