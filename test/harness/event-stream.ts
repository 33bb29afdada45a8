import * as z from 'zod';
import { STREAM_EVENTS, type StreamEventName, TERMINAL_EVENTS } from '../../shared/contracts/http/stream-events.ts';

export interface ReceivedEvent {
  readonly event: StreamEventName;
  readonly data: Record<string, unknown>;
}

const eventName = z.enum(Object.keys(STREAM_EVENTS) as [StreamEventName, ...StreamEventName[]]);

/** Reads a streamed answer event by event; each must have the data that its name promises. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = '';

  constructor(response: Response) {
    if (!response.body) throw new Error('the response has no body');
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event, or null at the end. */
  async next(): Promise<ReceivedEvent | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end !== -1) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (!block.startsWith(':')) return parse(block);
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
    }
  }

  async rest(): Promise<ReceivedEvent[]> {
    const events: ReceivedEvent[] = [];
    for (let event = await this.next(); event; event = await this.next()) events.push(event);
    return events;
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** The event that ended a stream; throws unless there is exactly one, at the end. */
export function terminalOf(events: readonly ReceivedEvent[]): ReceivedEvent {
  const isTerminal = ({ event }: ReceivedEvent) => (TERMINAL_EVENTS as readonly string[]).includes(event);
  const last = events.at(-1);
  if (!last || !isTerminal(last) || events.filter(isTerminal).length !== 1) {
    throw new Error(`not ended by exactly one terminal event: ${events.map(({ event }) => event).join(', ')}`);
  }
  return last;
}

function parse(block: string): ReceivedEvent {
  const match = /^event: ([\w.]+)\ndata: (.*)$/.exec(block);
  if (!match) throw new Error(`not an event: ${block}`);
  const event = eventName.parse(match[1]);
  const data: Record<string, unknown> = JSON.parse(match[2] ?? '');
  z.strictObject(STREAM_EVENTS[event].shape).parse(data);
  return { event, data };
}
